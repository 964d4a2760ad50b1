"""What holds for predictions of any file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Predictions, Skeleton


def check_names(path: Path, names: list[str], skeleton: Skeleton) -> None:
    """Raise a ValueError where a file's keypoints are not the skeleton's, in its order."""
    wanted = list(skeleton.keypoints)
    if names == wanted:
        return
    where = next(
        (row for row, pair in enumerate(zip(names, wanted, strict=False)) if pair[0] != pair[1]),
        min(len(names), len(wanted)),
    )
    theirs, ours = (known[where] if where < len(known) else "none" for known in (names, wanted))
    raise ValueError(
        f"{path} has other keypoints than the truth's '{skeleton.name}': number {where + 1} is "
        f"{theirs}, not {ours}; give predictions of the truth's keypoints in its order"
    )


def as_predictions(
    path: Path, ids: NDArray[Any], keypoints: NDArray[Any], scores: NDArray[Any]
) -> Predictions:
    """Return a file's arrays as predictions.

    Raises:
        ValueError: Their shapes or types disagree, or a number is infinite.
    """
    count, num_keypoints = keypoints.shape[:2] if keypoints.ndim == 3 else (-1, -1)
    wanted = {"ids": (count,), "keypoints": (count, num_keypoints, 2)}
    wanted["scores"] = (count, num_keypoints)
    shapes = {"ids": ids.shape, "keypoints": keypoints.shape, "scores": scores.shape}
    if shapes != wanted:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(
            f"{path} has arrays of the shapes {found}; N people with K keypoints have ids (N,), "
            "keypoints (N, K, 2) and scores (N, K)"
        )
    kinds = ids.dtype.kind + keypoints.dtype.kind + scores.dtype.kind
    if len(ids) and (kinds[0] != "U" or kinds[1] not in "fiu" or kinds[2] not in "fiu"):
        raise ValueError(
            f"{path} has ids of the type {ids.dtype}, keypoints {keypoints.dtype} and scores "
            f"{scores.dtype}; ids are strings and the others numbers"
        )
    check_finite(path, keypoints, scores)
    return Predictions(ids.astype(np.str_), keypoints.astype(np.float32), scores.astype(np.float32))


def check_finite(path: Path, *arrays: NDArray[Any]) -> None:
    """Raise a ValueError where a number is infinite; NaN says that nothing is predicted."""
    if any(np.isinf(array).any() for array in arrays):
        raise ValueError(
            f"{path} has infinite numbers; write NaN or null where nothing is predicted"
        )
