"""MMPose's `inference_topdown`, to be timed: `python -m benchmarks.mmpose_inference FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge.
"""

import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import torch
from mmpose.apis import inference_topdown

from benchmarks.crowd import Crowd
from benchmarks.peers.mmpose_resnet50 import resnet50
from benchmarks.timed_calls import serve

CALLS = 20  # of a latency

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


def latencies(people: Crowd) -> list[float]:
    """Return the processor's seconds of predicting one person again and again."""
    times = []
    for _ in range(CALLS):
        start = time.process_time()
        predict(people, flip=False)
        times.append(time.process_time() - start)
    return times


def read(path: Path) -> dict[str, np.ndarray]:
    """Read a crowd; MMPose takes images as OpenCV reads them."""
    with np.load(path) as file:
        return {"bgr": np.ascontiguousarray(file["image"][..., ::-1]), "boxes": file["boxes"]}


if __name__ == "__main__":
    cv2.setNumThreads(1)
    cases = {
        "plain": lambda people: predict(people, flip=False).ravel(),
        "flip test": lambda people: predict(people, flip=True).ravel(),
        "latencies": latencies,
    }
    versions = {name: version(name) for name in ("mmpose", "numpy", "torch")}
    versions["python"] = platform.python_version()
    inputs = {path.stem: read(path) for path in folder.glob("*.npz")}
    serve(cases, inputs, versions)
