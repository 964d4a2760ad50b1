"""MMPose's codecs, to be timed: `python -m benchmarks.mmpose_codecs FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge. People
are encoded and decoded one after the other, as MMPose's data pipeline and heads do it.
"""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from mmpose.codecs import MSRAHeatmap

from benchmarks.made_up_heatmaps import INPUT, SIGMA, STRIDE, Arrays
from benchmarks.timed_calls import Case, serve


def read_scene(path: Path) -> Arrays:
    """Read arrays, in the shapes that MMPose hands to its codecs."""
    with np.load(path) as file:
        return {"keypoints": file["keypoints"][:, None], "maps": file["maps"]}


def codec(unbiased: bool) -> MSRAHeatmap:
    """Return the codec; its kernel of 11 cells is the one for sigma 2."""
    cells = tuple(side // STRIDE for side in INPUT)
    return MSRAHeatmap(INPUT, cells, SIGMA, unbiased=unbiased, blur_kernel_size=11)


def encode(unbiased: bool) -> Case[Arrays]:
    """Return a function that makes all heatmaps and returns every 997th cell."""
    made = codec(unbiased)

    def encode_all(scene: Arrays) -> np.ndarray:
        found = [made.encode(points)["heatmaps"] for points in scene["keypoints"]]
        return np.stack(found).reshape(-1)[::997]

    return encode_all


def decode(unbiased: bool) -> Case[Arrays]:
    """Return a function that returns all points of heatmaps."""
    made = codec(unbiased)
    return lambda scene: np.stack([made.decode(maps)[0] for maps in scene["maps"]]).reshape(-1)


if __name__ == "__main__":
    cases = {
        "encode": encode(unbiased=True),
        "encode, centres rounded": encode(unbiased=False),  # the default; not what ours computes
        "decode, quarter offset": decode(unbiased=False),
        "decode, DARK": decode(unbiased=True),
    }
    files = sorted(Path(sys.argv[1]).glob("*.npz"))
    versions = {"mmpose": version("mmpose"), "numpy": np.__version__, "opencv": cv2.__version__}
    versions["python"] = platform.python_version()
    serve(cases, {path.stem: read_scene(path) for path in files}, versions)
