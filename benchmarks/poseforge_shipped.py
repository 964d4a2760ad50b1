"""The model that ships, to be timed: `python -m benchmarks.poseforge_shipped FOLDER`.

A `checkpoint.pth` in the folder takes its place.
"""

import platform
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from benchmarks.crowd import Crowd
from benchmarks.timed_calls import latencies, serve
from poseforge.inference import Predictor

folder = Path(sys.argv[1])


@cache
def predictor(batch_size: int) -> Predictor:
    """Return a predictor that is ready; it reads in the thread that predicts."""
    given = folder / "checkpoint.pth"
    made = Predictor(
        given if given.is_file() else None, device="cpu", workers=0, batch_size=batch_size
    )
    made.warm_up()
    return made


def predict(people: Crowd) -> np.ndarray:
    """Return the keypoints (P, K, 2), image pixels, of all people in one batch."""
    boxes = people["boxes"]
    (found,) = predictor(len(boxes))(people["image"], boxes)
    return found.keypoints


if __name__ == "__main__":
    cv2.setNumThreads(1)
    cases = {"predict": lambda people: predict(people).ravel(), "latencies": latencies(predict)}
    versions = {name: version(name) for name in ("numpy", "torch")}
    versions["python"] = platform.python_version()
    serve(cases, {path.stem: dict(np.load(path)) for path in folder.glob("*.npz")}, versions)
