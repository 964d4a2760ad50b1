"""The same people labelled by several annotators."""

from collections.abc import Sequence

import numpy as np

from poseforge.structures import People
from poseforge.structures.affine import Floats


def repeated_labels(parts: Sequence[People]) -> tuple[Floats, Floats, People]:
    """Bring L annotators' labels of the same people together, by id.

    Args:
        parts: Each annotator's people; crowds and people without labels are left out.

    Returns:
        Labels (L, N, K, 2) and visible (L, N, K) of the people whom all have labelled, and these
        people as the first annotator has them.

    Raises:
        ValueError: Their numbers of keypoints differ, ids repeat, or they have nobody in common.
    """
    parts = [part[part.to_find] for part in parts]
    if len({part.keypoints.shape[1] for part in parts}) > 1:
        counts = ", ".join(str(part.keypoints.shape[1]) for part in parts)
        raise ValueError(f"the annotators label {counts} keypoints; give files of one skeleton")
    rows = [{name: row for row, name in enumerate(part.ids.tolist())} for part in parts]
    if any(len(each) < len(part) for each, part in zip(rows, parts, strict=True)):
        raise ValueError("an annotator's file names a person twice; give each an id of its own")
    common = [name for name in parts[0].ids.tolist() if all(name in each for each in rows)]
    if not common:
        raise ValueError(
            "the annotators have no person in common; people are joined by their annotation ids, "
            "so give files in which the same person has the same id"
        )
    chosen = [
        part[np.array([each[name] for name in common])]
        for part, each in zip(parts, rows, strict=True)
    ]
    return (
        np.stack([part.keypoints for part in chosen]),
        np.stack([part.visible for part in chosen]),
        chosen[0],
    )
