"""Windows of a feature around points, cut out for a whole batch in one operation."""

import torch
from torch import Tensor
from torch.nn import functional as F


def crop_windows(feature: Tensor, middles: Tensor, side_px: int, stride: int) -> Tensor:
    """Cut a square out of a feature around each point, between the cells where the points are.

    All features that show one input are cut with the same `side_px` and their own stride, so that
    all windows of a point show the same part of the input. Values between cells are interpolated
    bilinearly; what lies outside the feature is 0.

    Args:
        feature: (B, C, H, W).
        middles: (B, K, 2) the windows' middles, input pixels. They get no gradient.
        side_px: Side of the windows, input pixels, a multiple of `stride`.
        stride: Input pixels per cell.

    Returns:
        (B, K, C, S, S), S = side_px / stride, at least in float32: places are not rounded.
    """
    cells = side_px // stride
    dtype = torch.promote_types(feature.dtype, torch.float32)
    steps = torch.arange(cells, device=feature.device, dtype=dtype) - (cells - 1) / 2
    places = (middles.detach().to(dtype) - (stride - 1) / 2) / stride  # the middles, cells
    height, width = feature.shape[-2:]
    x, y = (
        (2 * (places[..., axis, None] + steps) + 1) / length - 1
        for axis, length in enumerate((width, height))
    )  # each (B, K, S), -1 ... 1 from the feature's one edge to the other
    shape = (*x.shape, cells)
    grid = torch.stack([x[..., None, :].expand(shape), y[..., None].expand(shape)], dim=-1)
    rows = F.grid_sample(feature.to(dtype), grid.flatten(1, 2), align_corners=False)
    windows: Tensor = rows.unflatten(2, (middles.shape[1], cells)).transpose(1, 2)
    return windows
