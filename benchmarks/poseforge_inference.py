"""PoseForge's `Predictor`, to be timed: `python -m benchmarks.poseforge_inference FOLDER`."""

import platform
import sys
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from benchmarks.crowd import Crowd, pixel_sizes
from benchmarks.timed_calls import latencies, serve
from poseforge.inference import Predictor

CALLS = 20  # of a latency
BATCH_SIZES = (1, 4, 16)
HALF_PIXEL, HALF_STRIDE = 0.5, 1.5  # of the network's input

folder = Path(sys.argv[1])


@cache
def predictor(**options: object) -> Predictor:
    """Return a predictor that is ready; it reads in the thread that predicts."""
    made = Predictor(folder / "poseforge.pth", device="cpu", workers=0, **options)
    made.warm_up()
    return made


def predict(people: Crowd, **options: object) -> np.ndarray:
    """Return the keypoints (P, K, 2), image pixels."""
    (found,) = predictor(**options)(people["image"], people["boxes"])
    return found.keypoints


def as_mmpose(people: Crowd, **options: object) -> np.ndarray:
    """Return the keypoints as MMPose places them.

    MMPose brings a box's middle to the input's width / 2, which we call (width - 1) / 2, and calls
    a heatmap's cell by its first pixel, not its middle; with boxes and points moved by these the
    crops and points are the same.
    """
    pixel = pixel_sizes(people["boxes"]).astype(np.float32)
    moved = people["boxes"] - HALF_PIXEL * pixel[:, None]
    keypoints = predict({**people, "boxes": moved}, **options)
    return (keypoints - HALF_STRIDE * pixel[:, None, None]).ravel()


if __name__ == "__main__":
    cv2.setNumThreads(1)
    cases = {
        "plain": partial(as_mmpose, batch_size=4),
        "flip test": partial(as_mmpose, batch_size=4, flip=True),
        "latencies": latencies(partial(predict, batch_size=1)),
        "compiled": partial(as_mmpose, batch_size=4, compile=True),
        **{f"batches of {size}": partial(as_mmpose, batch_size=size) for size in BATCH_SIZES},
    }
    versions = {name: version(name) for name in ("numpy", "torch")}
    versions["python"] = platform.python_version()
    serve(cases, {path.stem: dict(np.load(path)) for path in folder.glob("*.npz")}, versions)
