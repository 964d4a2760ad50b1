"""MMPose's metrics, to be timed: `python -m benchmarks.mmpose_metrics FOLDER`.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge.
"""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import mmengine  # of mmengine or mmengine-lite
import numpy as np
from mmengine.logging import MMLogger
from mmpose.evaluation.functional import (
    keypoint_auc,
    keypoint_epe,
    keypoint_nme,
    keypoint_pck_accuracy,
)
from mmpose.evaluation.metrics import MpiiPCKAccuracy

from benchmarks.made_up_people import Arrays
from benchmarks.mmpose_average_precision import average_precision, read_coco_scene
from benchmarks.timed_calls import serve


def read_scene(path: Path) -> Arrays:
    """Read arrays, in the shapes and types that MMPose hands to its functions."""
    with np.load(path) as file:
        return {
            "pred": file["predicted"],
            "gt": file["keypoints"],
            "mask": file["visible"] > 0,
            "head": np.repeat(file["head_sizes"][:, None], 2, axis=1),
            "pred_from_0": file["predicted"] - 1,  # MPII's metric adds 1, as the toolkit counts
        }


def pck(scene: Arrays) -> np.ndarray:
    """Return each joint's share within 0.2 head sizes."""
    pred, gt, mask, head, _ = scene.values()
    return keypoint_pck_accuracy(pred, gt, mask, 0.2, head)[0]


def auc(scene: Arrays) -> list[float]:
    """Return the mean over joints and over 20 thresholds up to 47.5 px."""
    pred, gt, mask, *_ = scene.values()
    return [keypoint_auc(pred, gt, mask, 50, 20)]


def pckh_curve(scene: Arrays) -> list[float]:
    """Compute every joint's curve over 51 thresholds; return PCKh at 0.5 and 0.1."""
    _, gt, mask, head, pred = scene.values()
    result = {"pred_coords": pred, "gt_coords": gt, "mask": mask, "head_size": head}
    found = MpiiPCKAccuracy(thr=0.5, norm_item="head", prefix="").compute_metrics([result])
    return [found["PCK"], found["PCK@0.1"]]


def epe(scene: Arrays) -> list[float]:
    """Return the mean distance in pixels."""
    pred, gt, mask, *_ = scene.values()
    return [keypoint_epe(pred, gt, mask)]


def nme(scene: Arrays) -> list[float]:
    """Return the mean distance in head sizes."""
    pred, gt, mask, head, _ = scene.values()
    return [keypoint_nme(pred, gt, mask, head)]


if __name__ == "__main__":
    MMLogger.get_current_instance().setLevel("ERROR")  # writing its log is not measured
    folder = Path(sys.argv[1])
    scenes = {path.stem: read_scene(path) for path in folder.glob("mpii16-*.npz")}
    scenes |= {path.stem: read_coco_scene(path) for path in folder.glob("coco17-*.npz")}
    cases = {
        "PCK@0.2 of each joint": pck,
        "AUC over 20 thresholds": auc,
        "PCKh with its curve": pckh_curve,
        "EPE": epe,
        "NME": nme,
        "OKSAP, all numbers": average_precision,
    }
    versions = {"mmpose": version("mmpose"), "numpy": np.__version__}
    versions |= {"mmengine": mmengine.__version__, "python": platform.python_version()}
    serve(cases, scenes, versions)
