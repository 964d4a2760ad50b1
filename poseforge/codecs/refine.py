"""From the highest cell of a heatmap to a point between the cells; whole batches at once."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

Refinement = Callable[[Tensor, float], tuple[Tensor, Tensor]]

KERNEL_SIGMAS = 3.0  # wider kernels do not move a decoded Gaussian by a thousandth of a cell
SMALLEST = 1e-10  # maps that a network gives may be negative, and logarithms may not see that


def argmax(maps: Tensor, sigma_cells: float) -> tuple[Tensor, Tensor]:
    """Take the centre of the highest cell.

    Args:
        maps: (B, K, H, W).
        sigma_cells: Standard deviation of the maps' Gaussians, cells.

    Returns:
        (B, K, 2) float cells (x, y), and (B, K) the highest values.
    """
    x, y, scores = _peaks(maps)
    return torch.stack([x, y], dim=-1).to(maps.dtype), scores


def quarter(maps: Tensor, sigma_cells: float) -> tuple[Tensor, Tensor]:
    """Go a quarter of a cell from the highest cell toward its higher neighbour on each axis.

    An axis on which the highest cell is the first or the last is left alone. Arguments and results
    are those of `argmax`. Newell et al., Stacked Hourglass Networks, ECCV 2016 (its released code).
    """
    height, width = maps.shape[-2:]
    x, y, scores = _peaks(maps)
    flat = maps.flatten(-2)
    offsets = []
    for place, step, last in ((x, 1, width - 1), (y, width, height - 1)):
        index = y * width + x
        inside = (place > 0) & (place < last)
        after, before = (
            flat.gather(-1, torch.where(inside, index + way, index)[..., None])[..., 0]
            for way in (step, -step)
        )
        offsets.append(0.25 * torch.sign(after - before))
    return torch.stack([x, y], dim=-1) + torch.stack(offsets, dim=-1), scores


def dark(maps: Tensor, sigma_cells: float) -> tuple[Tensor, Tensor]:
    """Go to the top of the Gaussian that fits the logarithm around the highest cell.

    The maps are blurred by their own Gaussian, which is needed and therefore done only in the 3 × 3
    cells around the maximum; one Newton step on the logarithm, exact for a Gaussian, follows. It
    is skipped in the outermost cells and where the logarithm has no maximum, and never leaves the
    neighbouring cells. A Gaussian that the border cuts is pulled inward. Arguments and results are
    those of `argmax`. Zhang et al., Distribution-Aware Coordinate Representation for Human Pose
    Estimation, CVPR 2020, https://arxiv.org/abs/1910.06278.
    """
    height, width = maps.shape[-2:]
    x, y, scores = _peaks(maps)
    logs = _blurred(maps, x, y, sigma_cells).clamp(min=SMALLEST).log()  # (B, K, 3, 3)
    middle = logs[..., 1, 1]
    dx = (logs[..., 1, 2] - logs[..., 1, 0]) / 2
    dy = (logs[..., 2, 1] - logs[..., 0, 1]) / 2
    dxx = logs[..., 1, 2] - 2 * middle + logs[..., 1, 0]
    dyy = logs[..., 2, 1] - 2 * middle + logs[..., 0, 1]
    dxy = (logs[..., 2, 2] - logs[..., 2, 0] - logs[..., 0, 2] + logs[..., 0, 0]) / 4
    determinant = dxx * dyy - dxy * dxy
    is_maximum = (dxx < 0) & (determinant > 0)
    is_inside = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=-1)
    step = step / torch.where(is_maximum, determinant, 1.0)[..., None]
    step = torch.where((is_maximum & is_inside)[..., None], step.clamp(-1, 1), 0.0)
    return torch.stack([x, y], dim=-1) + step, scores


def _peaks(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return x, y and value of the highest cell, each (B, K)."""
    scores, index = maps.flatten(-2).max(dim=-1)
    width = maps.shape[-1]
    return index % width, index // width, scores


def _blurred(maps: Tensor, x: Tensor, y: Tensor, sigma_cells: float) -> Tensor:
    """Return the blurred maps in the 3 × 3 cells around (x, y): (B, K, 3, 3).

    Sums of products, not convolutions or matrix products: autocast would round those.
    """
    radius = max(1, math.ceil(KERNEL_SIGMAS * sigma_cells))
    reach = torch.arange(-radius - 1, radius + 2, device=maps.device)  # (P,)
    height, width = maps.shape[-2:]
    xs, ys = x[..., None] + reach, y[..., None] + reach  # (B, K, P)
    cells = ys.clamp(0, height - 1)[..., :, None] * width + xs.clamp(0, width - 1)[..., None, :]
    patch = maps.flatten(-2).gather(-1, cells.flatten(-2)).unflatten(-1, cells.shape[-2:])
    shifts = torch.arange(-1, 2, device=maps.device)
    distance = (reach - shifts[:, None]).to(maps.dtype)  # (3, P)
    kernel = torch.exp(-0.5 * (distance / sigma_cells).square()) * (distance.abs() <= radius)
    kernel_x = kernel * ((xs >= 0) & (xs < width))[..., None, :]  # (B, K, 3, P)
    kernel_y = kernel * ((ys >= 0) & (ys < height))[..., None, :]
    rows = (kernel_x[..., None, :] * patch[..., None, :, :]).sum(dim=-1)  # (B, K, 3, P)
    blurred: Tensor = (kernel_y[..., :, None, :] * rows[..., None, :, :]).sum(dim=-1)
    return blurred


REFINEMENTS: dict[str, Refinement] = {"argmax": argmax, "quarter": quarter, "dark": dark}
