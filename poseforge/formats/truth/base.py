"""What every file of ground truth becomes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points


@dataclass(frozen=True)
class Truth:
    """The people that predictions are scored against.

    Attributes:
        name: What the people are called in a table.
        skeleton: What the keypoints are.
        people: In published order.
        protocol: One clause that says which people and labels these are.
    """

    name: str
    skeleton: Skeleton
    people: People
    protocol: str


def unpictured(
    keypoints: Floats,
    visible: Floats,
    ids: NDArray[np.str_],
    *,
    image_ids: NDArray[np.str_] | None = None,
    head_sizes: Floats | None = None,
) -> People:
    """Return people without images, each in the box of the labelled points.

    Args:
        keypoints: (N, K, 2) pixels counted from 0, anything where not labelled.
        visible: (N, K) 0, 1 or 2.
        ids: (N,) the people's names.
        image_ids: (N,) the images' names; None for an image a person.
        head_sizes: (N,) px; None where unknown.
    """
    return People(
        image_paths=np.empty(0, dtype=np.str_),
        keypoints=np.where(visible[..., None] > 0, keypoints, 0).astype(np.float32),
        visible=visible.astype(np.float32),
        boxes=box_of_points(keypoints, visible),
        ids=ids,
        image_ids=np.empty(0, dtype=np.str_) if image_ids is None else image_ids,
        head_sizes=np.empty(0) if head_sizes is None else head_sizes.astype(np.float32),
    )
