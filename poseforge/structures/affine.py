"""Affine maps between the pixels of an image and the pixels of a crop.

THE pixel convention, for points, boxes and heatmaps alike: **integer coordinates are pixel
centres**. The top left pixel's centre is (0, 0), the last one's (W - 1, H - 1), and an image's
middle is ((W - 1) / 2, (H - 1) / 2). A mirror maps x to W - 1 - x. Sizes are (width, height);
arrays are [..., H, W]. Heatmap cell i of stride s covers the input pixels s*i ... s*i + s - 1, so
its centre is the input coordinate s*i + (s - 1) / 2.

A matrix is (2, 3) float: [x', y'] = M[:, :2] @ [x, y] + M[:, 2].
"""

import math
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats: TypeAlias = NDArray[np.floating]


def identity() -> Floats:
    """Return the (2, 3) map that moves nothing."""
    return np.eye(2, 3, dtype=np.float64)


def crop_matrix(
    center: Floats,
    extent: Floats | float,
    size: tuple[int, int],
    *,
    rotation_deg: float = 0.0,
) -> Floats:
    """Map a rectangle of the image to the middle of a crop, as large as fits whole.

    Args:
        center: (2,) the rectangle's middle, image pixels.
        extent: (2,) its width and height, image pixels; one number is a square.
        size: (width, height) of the crop.
        rotation_deg: Clockwise rotation of the picture as seen on a screen.

    Raises:
        ValueError: `extent` is not positive.
    """
    width, height = np.broadcast_to(np.asarray(extent, dtype=np.float64), 2).tolist()
    if not max(width, height) > 0 or min(width, height) < 0:
        raise ValueError(f"a crop's extent is {extent} pixels; it must be positive")
    scale = min(size[0] / width if width else math.inf, size[1] / height if height else math.inf)
    angle = math.radians(rotation_deg)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    x, y = np.asarray(center, dtype=np.float64).tolist()
    return np.array(
        [
            [cos, -sin, (size[0] - 1) / 2 - cos * x + sin * y],
            [sin, cos, (size[1] - 1) / 2 - sin * x - cos * y],
        ]
    )


def stretch_matrix(image_size: tuple[int, int], size: tuple[int, int]) -> Floats:
    """Map a whole image to a crop of another shape, each axis scaled on its own.

    The outer edges of the outer pixels coincide, as in an image resize.
    """
    scale = np.asarray(size, dtype=np.float64) / np.asarray(image_size, dtype=np.float64)
    return np.column_stack([np.diag(scale), (scale - 1) / 2])


def enlargement_matrix(factor: int) -> Floats:
    """Map a picture whose pixels are means of `factor` x `factor` pixels back to the whole one.

    The outer edges coincide at the top and the left; at the others, what is missing to a whole
    block hangs over. It is the map from heatmap cells to input pixels.
    """
    shift = (factor - 1) / 2
    return np.array([[factor, 0.0, shift], [0.0, factor, shift]])


def shift_matrix(by: Floats | tuple[float, float]) -> Floats:
    """Map x to x + `by` (2,)."""
    return np.column_stack([np.eye(2), np.asarray(by, dtype=np.float64)])


def mirror_matrix(width: int) -> Floats:
    """Map x to width - 1 - x."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0]])


def compose(second: Floats, first: Floats) -> Floats:
    """Return the map that applies `first`, then `second`."""
    both = second[:, :2] @ first
    both[:, 2] += second[:, 2]
    return both


def invert(matrix: Floats) -> Floats:
    """Return the inverse map.

    Raises:
        ValueError: The matrix collapses the plane.
    """
    if abs(np.linalg.det(matrix[:, :2])) < 1e-12:
        raise ValueError("the crop's matrix has no inverse: the crop has no area")
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def apply(matrix: Floats, points: Floats) -> Floats:
    """Map points (..., 2)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def apply_inverse(matrix: Tensor, points: Tensor) -> Tensor:
    """Map points of a batch back through each sample's crop, on whatever device they are.

    Args:
        matrix: (B, 2, 3) image to input pixels.
        points: (B, K, 2) input pixels.

    Returns:
        (B, K, 2) image pixels.
    """
    shifted = points - matrix[:, None, :, 2]  # (B, K, 2)
    a, b, c, d = (matrix[:, i, j, None] for i in (0, 1) for j in (0, 1))  # each (B, 1)
    x, y = shifted.unbind(-1)
    inverse = torch.stack([d * x - b * y, a * y - c * x], dim=-1)
    return inverse / (a * d - b * c)[..., None]
