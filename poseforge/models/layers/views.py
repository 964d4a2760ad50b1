"""Views of the images of a batch, cut and enlarged on the device.

Pixels are those of structures/affine.py.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from poseforge.structures.affine import apply_inverse

GREY = 128.0  # what lies outside an image, as in crops


def view_matrices(centers: Tensor, sides: Tensor, size: tuple[int, int]) -> Tensor:
    """Map windows of images to the middle of views, as large as fits whole.

    Args:
        centers: (..., 2) the windows' middles, image pixels.
        sides: (...) their sides, image pixels, above 0.
        size: (width, height) of the views.

    Returns:
        (..., 2, 3) image to view pixels.
    """
    scale = min(size) / sides
    zero = torch.zeros_like(scale)
    x, y = ((side - 1) / 2 - scale * centers[..., axis] for axis, side in enumerate(size))
    matrices = torch.stack([scale, zero, x, zero, scale, y], dim=-1)
    return matrices.reshape(*scale.shape, 2, 3)


def map_points(matrices: Tensor, points: Tensor) -> Tensor:
    """Map points (N, K, 2) by matrices (N, 2, 3); sums of products, which autocast leaves exact."""
    turned = (matrices[:, None, :, :2] * points[:, :, None, :]).sum(dim=-1)  # (N, K, 2)
    return torch.add(turned, matrices[:, None, :, 2])


def cut_views(images: Tensor, matrices: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut V views from each image.

    Args:
        images: (B, C, H, W) float, 0 ... 255; outside of them is grey.
        matrices: (B, V, 2, 3) image to view pixels.
        size: (width, height) of the views.

    Returns:
        (B·V, C, height, width), interpolated bilinearly.
    """
    points = matrices.new_zeros(1, size[0] + size[1], 2)
    points[0, : size[0], 0] = torch.arange(size[0], device=images.device)
    points[0, size[0] :, 1] = torch.arange(size[1], device=images.device)
    seen = apply_inverse(matrices.flatten(0, 1), points).unflatten(0, matrices.shape[:2])
    columns, rows = seen[:, :, : size[0]], seen[:, :, size[0] :]
    # Zeros lie outside, so that grey is 0 while the views are cut.
    views = sample_views(images - GREY, columns, rows - columns[:, :, :1]) + GREY
    return views.flatten(0, 1)


def sample_views(
    images: Tensor,
    columns: Tensor,
    rows: Tensor,
    *,
    outside: Literal["zeros", "border"] = "zeros",
) -> Tensor:
    """Look up V views of each image, all by one call of grid_sample and without copies of images.

    An affine map of a view is a sum of what the column and what the row say: the pixel (x, y) of a
    view lies at `columns[x] + rows[y]` in its image.

    Args:
        images: (B, C, H, W) float.
        columns: (B, V, width, 2) image pixels.
        rows: (B, V, height, 2) image pixels.
        outside: What lies there: nothing, or what is on the border.

    Returns:
        (B, V, C, height, width), interpolated bilinearly.
    """
    lengths = list(enumerate((images.shape[-1], images.shape[-2])))
    # From pixels to -1 ... 1, from the one edge of the image to the other.
    across = torch.stack([(2 * columns[..., i] + 1) / length - 1 for i, length in lengths], dim=-1)
    down = torch.stack([2 * rows[..., i] / length for i, length in lengths], dim=-1)
    grid = (across[:, :, None] + down[:, :, :, None]).to(images.dtype)  # (B, V, height, width, 2)
    below = grid.flatten(1, 2)  # an image's views one below another
    seen = F.grid_sample(images, below, padding_mode=outside, align_corners=False)
    views: Tensor = seen.unflatten(2, rows.shape[1:3]).transpose(1, 2)
    return views
