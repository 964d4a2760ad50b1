"""Boxes: (4,) x1, y1, x2, y2 in pixels, corners at pixel centres (see affine.py)."""

import numpy as np

from poseforge.structures.affine import Floats

HEAD_SIZE_PER_DIAGONAL = 0.6


def box_of_points(keypoints: Floats, visible: Floats) -> Floats:
    """Return the tightest boxes around the labelled points.

    Args:
        keypoints: (..., K, 2) pixels.
        visible: (..., K), 0 where a point is not labelled.

    Returns:
        (..., 4) boxes; NaN where no point is labelled.
    """
    labelled = (visible > 0)[..., None]
    low = np.where(labelled, keypoints, np.inf).min(axis=-2)
    high = np.where(labelled, keypoints, -np.inf).max(axis=-2)
    boxes = np.concatenate([low, high], axis=-1)
    return np.where(np.isfinite(boxes), boxes, np.nan).astype(np.float32)


def box_of_image(size: tuple[int, int]) -> Floats:
    """Return the box of a whole image of (width, height)."""
    return np.array([0, 0, size[0] - 1, size[1] - 1], dtype=np.float32)


def center_of(box: Floats) -> Floats:
    """Return the middle (..., 2) of boxes (..., 4)."""
    return (box[..., :2] + box[..., 2:]) / 2


def longest_side(box: Floats) -> Floats:
    """Return the longer side (...,) of boxes (..., 4), in pixels."""
    longest: Floats = sides_of(box).max(axis=-1)
    return longest


def sides_of(box: Floats) -> Floats:
    """Return the width and height (..., 2) of boxes (..., 4), in pixels."""
    return box[..., 2:] - box[..., :2]


def head_size(head_boxes: Floats) -> Floats:
    """Return PCKh's reference length (...,) of head boxes (..., 4), in pixels.

    It is 0.6 times the diagonal, `SC_BIAS` in the evaluation toolkit of MPII Human Pose
    (Andriluka et al., CVPR 2014).
    """
    width, height = np.moveaxis(sides_of(head_boxes), -1, 0)
    size: Floats = HEAD_SIZE_PER_DIAGONAL * np.hypot(width, height)
    return size


def overlaps_image(box: Floats, size: tuple[int, int]) -> bool:
    """Say whether any pixel of an image of (width, height) lies inside the box."""
    x1, y1, x2, y2 = box
    return bool(x2 >= 0 and y2 >= 0 and x1 <= size[0] - 1 and y1 <= size[1] - 1)
