"""PoseForge's codecs, to be timed: `python -m benchmarks.poseforge_codecs FOLDER`."""

import platform
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.made_up_heatmaps import INPUT, SIGMA, STRIDE
from benchmarks.timed_calls import Case, serve
from poseforge.codecs import Heatmap

Scene = dict[str, Tensor]


def read_scene(path: Path) -> Scene:
    """Read arrays, as tensors."""
    with np.load(path) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def codec(refine: str) -> Heatmap:
    """Return the codec that is MMPose's MSRAHeatmap."""
    return Heatmap(INPUT, STRIDE, float(SIGMA * STRIDE), refine=refine, half_stride=False)


def encode(scene: Scene) -> Tensor:
    """Make all heatmaps; return every 997th cell."""
    points = scene["keypoints"]
    heatmaps = codec("dark").encode(points, torch.ones(points.shape[:2]))["heatmaps"]
    return heatmaps.flatten()[::997]


def decode(refine: str) -> Case[Scene]:
    """Return a function that returns all points of heatmaps."""
    return lambda scene: codec(refine).decode(scene["maps"])[0].flatten().tolist()


if __name__ == "__main__":
    cases = {
        "encode": encode,
        "decode, quarter offset": decode("quarter"),
        "decode, DARK": decode("dark"),
    }
    files = sorted(Path(sys.argv[1]).glob("*.npz"))
    versions = {"torch": torch.__version__, "python": platform.python_version()}
    serve(cases, {path.stem: read_scene(path) for path in files}, versions)
