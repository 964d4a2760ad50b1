"""Square windows into the images of a batch, cut and enlarged on the device.

Pixels are those of structures/affine.py; a window is described by its matrix, image to view pixels.
"""

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
    """Cut V views from each image, all by one call of grid_sample and without copies of images.

    Args:
        images: (B, C, H, W) float, 0 ... 255; outside of them is grey.
        matrices: (B, V, 2, 3) image to view pixels.
        size: (width, height) of the views.

    Returns:
        (B·V, C, height, width), interpolated bilinearly.
    """
    width, height = size
    y, x = (torch.arange(side, device=images.device) for side in (height, width))
    lattice = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).to(matrices.dtype)
    points = apply_inverse(matrices.flatten(0, 1), lattice.flatten(0, 1)[None])  # (B·V, h·w, 2)
    lengths = (images.shape[-1], images.shape[-2])
    axes = [(2 * points[..., i] + 1) / length - 1 for i, length in enumerate(lengths)]
    grid = torch.stack(axes, dim=-1).to(images.dtype)
    below = grid.view(len(images), -1, width, 2)  # an image's views one below another
    # Zeros lie outside, so that grey is 0 while the views are cut.
    cut = F.grid_sample(images - GREY, below, align_corners=False) + GREY
    views = cut.view(*cut.shape[:2], -1, height, width).transpose(1, 2)
    return views.flatten(0, 1)
