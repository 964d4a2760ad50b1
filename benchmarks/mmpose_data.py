"""MMPose's data side, to be timed: `python -m benchmarks.mmpose_data FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge. The
folder's `data.json` says which COCO file and images; transforms are those of MMPose's own
`td-hm_res50_8xb64-210e_coco-256x192.py`.
"""

import json
import platform
import sys
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import mmengine
import mmpose
import numpy as np
import scipy
from mmengine.registry import init_default_scope
from mmpose.datasets.datasets.body import CocoDataset

from benchmarks.timed_calls import serve

CODEC = {"type": "MSRAHeatmap", "input_size": (192, 256), "heatmap_size": (48, 64), "sigma": 2}
PIPELINE = [
    {"type": "LoadImage"},
    {"type": "GetBBoxCenterScale"},
    {"type": "RandomFlip", "direction": "horizontal"},
    {"type": "RandomHalfBody"},
    {"type": "RandomBBoxTransform"},
    {"type": "TopdownAffine", "input_size": CODEC["input_size"]},
    {"type": "GenerateTarget", "encoder": CODEC},
    {"type": "PackPoseInputs"},
]


def people(annotations: str, images: str) -> CocoDataset:
    """Return a data set of COCO's people, transformed as for training."""
    return CocoDataset(
        ann_file=annotations, data_prefix={"img": images}, data_mode="topdown", pipeline=PIPELINE
    )


def one_pass(dataset: CocoDataset) -> list[float]:
    """Make every sample once, as a worker does."""
    for index in range(len(dataset)):
        dataset[index]
    return [len(dataset)]


if __name__ == "__main__":
    cv2.setNumThreads(0)
    np.random.seed(0)  # noqa: NPY002 - what MMPose draws from
    init_default_scope("mmpose")
    data = json.loads((Path(sys.argv[1]) / "data.json").read_text())
    packages = {"mmpose": mmpose, "mmengine": mmengine, "numpy": np, "scipy": scipy, "opencv": cv2}
    versions = {name: package.__version__ for name, package in packages.items()}
    versions["python"] = platform.python_version()
    with redirect_stdout(
        sys.stderr
    ):  # what COCO's toolkit prints must not come between the answers
        inputs = {name: people(**files) for name, files in data.items()}
    serve({"samples": one_pass}, inputs, versions)
