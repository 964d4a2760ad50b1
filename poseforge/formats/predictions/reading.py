"""Predictions from a file of any known kind."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.containers import LOADERS, check_suffix
from poseforge.formats.predictions.coco_results import parse_coco_results
from poseforge.formats.predictions.own_json import parse_json
from poseforge.formats.predictions.own_npz import read_npz
from poseforge.formats.predictions.published import parse_published
from poseforge.formats.reading import read_json
from poseforge.structures import Detections, Predictions, Skeleton


def read_predictions(
    path: Path, *, skeleton: Skeleton, ids: NDArray[np.str_]
) -> Predictions | Detections:
    """Read predictions; what kind of file it is follows from its suffix and its content.

    | file                 | what                                            | becomes     |
    |----------------------|-------------------------------------------------|-------------|
    | .npz                 | what `write_npz` writes                         | Predictions |
    | .json, an object     | what `write_json` writes                        | Predictions |
    | .json, a list        | COCO results                                    | Detections  |
    | .mat, .h5            | `prediction_all`, `pos_pred_src` or `preds`     | Predictions |

    Args:
        path: The file.
        skeleton: What the truth's keypoints are; a file that names its own must name the same.
        ids: (N,) the truth's people in published order, which is the order of the people in .mat
            and .h5 files; the others name their people themselves.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is of no known kind, is damaged, or is for other keypoints or people.
    """
    suffix = check_suffix(path, "predictions")
    if suffix == ".json":
        content = read_json(path)
        if isinstance(content, list):
            return parse_coco_results(path, content)
        return parse_json(path, content, skeleton)
    if suffix == ".npz":
        return read_npz(path, skeleton)
    return parse_published(path, LOADERS[suffix](path), skeleton, ids)
