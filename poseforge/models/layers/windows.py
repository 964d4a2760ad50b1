"""Windows of a feature around points, cut out for a whole batch in one operation."""

import torch
from torch import Tensor

from poseforge.models.layers.views import sample_views


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
    places = (middles.detach().to(dtype) - (stride - 1) / 2) / stride  # the middles, cells
    steps = torch.arange(cells, device=feature.device, dtype=dtype) - (cells - 1) / 2
    nothing = torch.zeros_like(steps)
    columns = places[:, :, None] + torch.stack([steps, nothing], dim=-1)  # (B, K, S, 2)
    rows = torch.stack([nothing, steps], dim=-1).expand_as(columns)
    return sample_views(feature.to(dtype), columns, rows)
