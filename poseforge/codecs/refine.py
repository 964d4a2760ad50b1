"""From the highest cell of a heatmap to a point between the cells; whole batches at once."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

Refinement = Callable[[Tensor, float], tuple[Tensor, Tensor]]

KERNEL_SIGMAS = 2.5  # the release's 11 cells for sigma 2
SMALLEST = 1e-10  # maps that a network gives may be negative, and logarithms may not see that
STRETCHES = 32  # a map is looked at in so many parts, or in fewer that divide it


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

    The maps are blurred by their own Gaussian, which is needed and therefore done only in the 5 × 5
    cells around the maximum; one Newton step on the logarithm, exact for a Gaussian, follows. It
    is skipped where the logarithm has no maximum, and never leaves the neighbouring cells. A factor
    on the maps moves nothing, so the release's scaling after the blur is left out.

    A kernel that the border cuts would pull the point inward (in the release by half a cell and
    more): there the kernel is only as wide as there is room on both sides, and an axis on which the
    highest cell is the first or the last is left alone. Arguments and results are those of
    `argmax`. Zhang et al., Distribution-Aware Coordinate Representation for Human Pose Estimation,
    CVPR 2020, https://arxiv.org/abs/1910.06278 (away from the border, its released code).
    """
    x, y, scores = _peaks(maps)
    logs, is_whole_x, is_whole_y = _log_blurred(maps, x, y, sigma_cells)  # (5, 5, B, K)
    dx, dxx = _slopes(logs[2], is_whole_x)
    dy, dyy = _slopes(logs[:, 2], is_whole_y)
    dxy = (logs[3, 3] - logs[3, 1] - logs[1, 3] + logs[1, 1]) / 4
    determinant = dxx * dyy - dxy * dxy
    is_maximum = (dxx < 0) & (determinant > 0)
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=-1)
    step = step / torch.where(is_maximum, determinant, 1.0)[..., None]
    step = torch.where(is_maximum[..., None], step.clamp(-1, 1), 0.0)
    return torch.stack([x, y], dim=-1) + step, scores


def _peaks(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return x, y and value of the highest cell, each (B, K); of equal ones it is the first.

    How high a map is a processor finds many times as fast as where. So it looks where in one
    stretch only, the highest.
    """
    height, width = maps.shape[-2:]
    stretches = maps.flatten(-2).unflatten(-1, (math.gcd(height * width, STRETCHES), -1))
    highest = stretches.amax(dim=-1).argmax(dim=-1)  # (B, K)
    rows = torch.arange(highest.numel(), device=maps.device) * stretches.shape[2]
    chosen = stretches.flatten(0, 2).index_select(0, rows + highest.flatten())
    scores, places = (found.view_as(highest) for found in chosen.max(dim=-1))
    cells = highest * stretches.shape[3] + places
    return cells % width, cells // width, scores


def _log_blurred(
    maps: Tensor, x: Tensor, y: Tensor, sigma_cells: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return logarithms of the blurred maps in the 5 × 5 cells around (x, y): (5, 5, B, K).

    Then (B, K), twice: whether the kernel has room for all of itself across, and down.

    Sums of products, not convolutions or matrix products: autocast would round those. They run over
    the first dimensions, so that a processor adds whole vectors.
    """
    radius = max(1, math.ceil(KERNEL_SIGMAS * sigma_cells))
    reach = torch.arange(-radius - 2, radius + 3, device=maps.device)  # (P,)
    height, width = maps.shape[-2:]
    (xs, room_x), (ys, room_y) = _window(x, reach, width), _window(y, reach, height)
    first = torch.arange(x.numel(), device=maps.device).view_as(x) * (height * width)
    cells = (first + ys * width)[:, None] + xs  # (P, P, B, K)
    patch = maps.flatten().index_select(0, cells.flatten()).view_as(cells)
    distance = reach - torch.arange(-2, 3, device=maps.device)[:, None]  # (5, P)
    kernel = torch.exp(-0.5 * (distance / sigma_cells).square())[..., None, None]
    distance = distance.abs()[..., None, None]
    kernel_x, kernel_y = (
        kernel * (distance <= room.clamp(0, radius)) for room in (room_x, room_y)
    )  # (5, P, B, K)
    rows = (kernel_y[:, :, None] * patch).sum(dim=1)  # (5, P, B, K)
    blurred = (kernel_x * rows[:, None]).sum(dim=2)  # (5, 5, B, K)
    return blurred.clamp(min=SMALLEST).log(), room_x > radius, room_y > radius


def _window(at: Tensor, reach: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Return one axis' cells (P, B, K) around `at`, and how wide a kernel has room next to it.

    Cells beyond the border are those on the other side of `at`, so that there is no slope at the
    border itself.
    """
    reach = reach[:, None, None]
    cells = at + reach
    is_inside = (cells >= 0) & (cells < length)
    cells = torch.where(is_inside, cells, at - reach).clamp(0, length - 1)
    return cells, torch.minimum(at, length - 1 - at) - 1


def _slopes(logs: Tensor, is_whole: Tensor) -> tuple[Tensor, Tensor]:
    """Return first and second derivative (B, K) in the middle of five cells (5, B, K).

    The second one is over two cells, as in the release; over one where the border is near.
    """
    near = logs[3] - 2 * logs[2] + logs[1]
    far = (logs[4] - 2 * logs[2] + logs[0]) / 4
    return (logs[3] - logs[1]) / 2, torch.where(is_whole, far, near)


REFINEMENTS: dict[str, Refinement] = {"argmax": argmax, "quarter": quarter, "dark": dark}
