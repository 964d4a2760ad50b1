"""The part of a picture around a person, and samples that have only that part."""

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Sample, affine, boxes
from poseforge.structures.affine import Floats


def region_around(
    box: Floats, size: tuple[int, int], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first corner (2,) of a person's part of a picture, and the last one, excluded.

    It is the part that lies in the picture of a square around the box's middle.

    Args:
        box: (4,) pixels.
        size: (width, height) of the picture.
        reach: The square's side relative to the box's longer side.
    """
    half = reach * boxes.longest_side(box) / 2
    middle = boxes.center_of(box)
    picture = np.array(size)
    low = np.clip(np.floor(middle - half), 0, picture - 1)
    high = np.clip(np.ceil(middle + half) + 1, low + 1, picture)
    return low.astype(np.int64), high.astype(np.int64)


def moved(sample: Sample, image: NDArray[np.uint8], matrix: Floats) -> Sample:
    """Return the sample with a part of its picture.

    Args:
        sample: Whose points, boxes and `matrix` move along.
        image: (H, W, 3) the part.
        matrix: (2, 3) the map from the picture's pixels to those of the part.
    """
    before = sample["matrix"] if "matrix" in sample else affine.identity()
    part: Sample = {**sample, "image": image, "matrix": affine.compose(matrix, before)}
    for name in ("keypoints", "box", "ignored"):
        if name in sample:
            points = sample[name].reshape(-1, 2)
            part[name] = affine.apply(matrix, points).reshape(sample[name].shape).astype(np.float32)
    return part
