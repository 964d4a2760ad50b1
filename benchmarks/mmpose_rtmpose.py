"""MMPose's RTMPose-t, to be timed: `python -m benchmarks.mmpose_rtmpose FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge.
"""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from mmpose.apis import inference_topdown

from benchmarks.crowd import Crowd, read_for_opencv
from benchmarks.peers.mmpose_rtmpose_tiny import rtmpose_tiny
from benchmarks.timed_calls import latencies, serve

model = rtmpose_tiny()
model.test_cfg["flip_test"] = False


def predict(people: Crowd) -> np.ndarray:
    """Return the keypoints (P, K, 2), image pixels."""
    found = inference_topdown(model, people["bgr"], people["boxes"])
    return np.concatenate([person.pred_instances.keypoints for person in found])


if __name__ == "__main__":
    cv2.setNumThreads(1)
    versions = {name: version(name) for name in ("mmpose", "numpy", "torch")}
    versions["python"] = platform.python_version()
    inputs = {path.stem: read_for_opencv(path) for path in Path(sys.argv[1]).glob("*.npz")}
    serve(
        {"predict": lambda people: predict(people).ravel(), "latencies": latencies(predict)},
        inputs,
        versions,
    )
