"""Ground truth from a file of any known kind."""

from pathlib import Path

import numpy as np

from poseforge.formats.coco import read_coco
from poseforge.formats.containers import LOADERS, Arrays, check_suffix, pick
from poseforge.formats.truth import flic, leeds, mpii
from poseforge.formats.truth.base import Truth
from poseforge.formats.truth.own_npz import parse_npz

JOINTS = {leeds.SHAPE: leeds.parse_leeds, flic.SHAPE: flic.parse_flic}


def read_truth(path: Path) -> Truth:
    """Read ground truth; what kind of file it is follows from its suffix and its content.

    | file      | what                                                           |
    |-----------|----------------------------------------------------------------|
    | .mat      | `joints` of LSP or FLIC; `pos_gt_src` of the MPII evaluation   |
    | .h5       | `part` of MPII's validation split                              |
    | .json     | COCO keypoints                                                 |
    | .npz      | what `write_truth` writes                                      |

    Points count from 0, boxes are those of the labelled points except in .json and .npz, which
    have their own, and no image is opened.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is of no known kind or is damaged.
    """
    suffix = check_suffix(path, "ground truth")
    if suffix == ".json":
        annotations = read_coco(path)
        protocol = f"{len(annotations.people)} people of {path.name}"
        return Truth(path.stem, annotations.skeleton, annotations.everyone, protocol)
    arrays = LOADERS[suffix](path)
    if suffix == ".npz":
        return parse_npz(path, arrays)
    known = pick(path, arrays, ("joints", "pos_gt_src", "part"))
    if known == "part":
        return mpii.parse_hourglass(path, arrays)
    if known == "pos_gt_src":
        return mpii.parse_evaluation(path, arrays)
    return _joints(path, arrays)


def _joints(path: Path, arrays: Arrays) -> Truth:
    joints = arrays["joints"]
    if joints.shape not in JOINTS or joints.dtype.kind not in "fiu":
        raise ValueError(
            f"{path}: 'joints' has the shape {joints.shape} and the type {joints.dtype}; known are "
            f"numbers {' (LSP) and '.join(map(str, JOINTS))} (FLIC)"
        )
    return JOINTS[joints.shape](path, joints.astype(np.float64))
