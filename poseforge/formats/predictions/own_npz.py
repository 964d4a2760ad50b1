"""Our own predictions as arrays: `ids` (N,), `keypoints` (N, K, 2) and `scores` (N, K).

`names` (K,) says what the keypoints are, where it is there.
"""

from pathlib import Path

import numpy as np

from poseforge.files import replacing
from poseforge.formats.containers import demand, load_npz
from poseforge.formats.predictions.checks import as_predictions, check_names
from poseforge.structures import Predictions, Skeleton


def write_npz(predictions: Predictions, skeleton: Skeleton, path: Path) -> None:
    """Write predictions; the same predictions make the same bytes.

    Raises:
        OSError: The file cannot be written; `path` is as it was.
    """
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez_compressed(
            file,
            names=np.array(skeleton.keypoints),
            ids=predictions.ids,
            keypoints=predictions.keypoints,
            scores=predictions.scores,
        )


def read_npz(path: Path, skeleton: Skeleton) -> Predictions:
    """Read predictions of a skeleton's keypoints.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, lacks an array, or names other keypoints.
    """
    arrays = load_npz(path)
    ids, keypoints, scores = demand(path, arrays, "ids", "keypoints", "scores")
    if "names" in arrays:
        check_names(path, arrays["names"].tolist(), skeleton)
    return as_predictions(path, ids, keypoints, scores)
