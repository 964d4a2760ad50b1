"""MMPose's `inference_topdown`, to be timed: `python -m benchmarks.mmpose_inference FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge.
"""

import platform
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import torch
from mmpose.apis import inference_topdown

from benchmarks.crowd import Crowd, read_for_opencv
from benchmarks.peers.mmpose_resnet50 import resnet50
from benchmarks.timed_calls import latencies, serve

folder = Path(sys.argv[1])
model = resnet50()
model.load_state_dict(torch.load(folder / "mmpose_weights.pth", weights_only=True))
# Mirrored maps are averaged cell on cell; that the mirrored cells lie elsewhere in the image where
# a cell is centred on its first pixel is what `shift_heatmap` is for, in half a cell's steps.
model.test_cfg["shift_heatmap"] = False


def predict(people: Crowd, *, flip: bool) -> np.ndarray:
    """Return the keypoints (P, K, 2), image pixels."""
    model.test_cfg["flip_test"] = flip
    found = inference_topdown(model, people["bgr"], people["boxes"])
    return np.concatenate([person.pred_instances.keypoints for person in found])


if __name__ == "__main__":
    cv2.setNumThreads(1)
    cases = {
        "plain": lambda people: predict(people, flip=False).ravel(),
        "flip test": lambda people: predict(people, flip=True).ravel(),
        "latencies": latencies(partial(predict, flip=False)),
    }
    versions = {name: version(name) for name in ("mmpose", "numpy", "torch")}
    versions["python"] = platform.python_version()
    inputs = {path.stem: read_for_opencv(path) for path in folder.glob("*.npz")}
    serve(cases, inputs, versions)
