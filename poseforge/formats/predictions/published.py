"""Predictions as papers have published them: bare arrays in the order of the published truth.

| variable         | axes                   | published with                               |
|------------------|------------------------|----------------------------------------------|
| `prediction_all` | (K, 2, N)              | Wei et al., CPM, CVPR 2016: LSP and FLIC     |
| `pos_pred_src`   | (K, 2, N)              | Tompson et al., CVPR 2015: MPII validation   |
| `preds`          | (N, K, 2) or (2, K, N) | Newell et al., Hourglass, ECCV 2016; Tompson |

They count pixels from 1, as their truths do, and hold neither ids nor scores. A point at 0, 0 is
taken as predicted there, as the published evaluations do.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.containers import Arrays, pick
from poseforge.formats.predictions.checks import as_predictions
from poseforge.structures import Predictions, Skeleton

Axes = tuple[int, int, int]

# The order of a variable's axes that gives (N, K, 2).
LAYOUTS: dict[str, tuple[Axes, ...]] = {
    "prediction_all": ((2, 0, 1),),
    "pos_pred_src": ((2, 0, 1),),
    "preds": ((0, 1, 2), (2, 1, 0)),
}
NAMES = {(2, 0, 1): "(K, 2, N)", (0, 1, 2): "(N, K, 2)", (2, 1, 0): "(2, K, N)"}


def parse_published(
    path: Path, arrays: Arrays, skeleton: Skeleton, ids: NDArray[np.str_]
) -> Predictions:
    """Return predictions, counted from 0, each with a score of 1.

    Args:
        path: The file that the arrays come from.
        arrays: Its content.
        skeleton: What the keypoints are.
        ids: (N,) the people of the truth in its published order.

    Raises:
        ValueError: The file has none of the variables, another K or shape, or another number of
            people than the truth.
    """
    name = pick(path, arrays, tuple(LAYOUTS))
    array = arrays[name]
    # A file of one person may come without its last axis.
    array = array[..., None] if array.ndim == 2 else array
    wanted = skeleton.num_keypoints, 2
    fitting = [
        axes
        for axes in LAYOUTS[name]
        if array.ndim == 3 and array.transpose(axes).shape[1:] == wanted
    ]
    if len(fitting) != 1 or array.dtype.kind not in "fiu":
        layouts = " or ".join(NAMES[axes] for axes in LAYOUTS[name])
        raise ValueError(
            f"{path}: '{name}' has the shape {array.shape} and the type {array.dtype}; for the "
            f"{skeleton.num_keypoints} keypoints of {skeleton.name} it must be numbers {layouts} "
            f"with K = {skeleton.num_keypoints}"
        )
    # Some are unsigned integers, and 0 - 1 must be -1.
    keypoints = array.transpose(fitting[0]).astype(np.float64) - 1
    if len(keypoints) != len(ids):
        raise ValueError(
            f"{path} holds {len(keypoints)} people without ids, but the truth has {len(ids)}; only "
            "predictions for all of the truth's people, in its published order, can be assigned"
        )
    return as_predictions(path, ids, keypoints, np.ones(keypoints.shape[:2]))
