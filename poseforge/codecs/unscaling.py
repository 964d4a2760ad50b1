"""Maps of an enlarged input, sampled as maps of the input as it was."""

import torch
from torch import Tensor
from torch.nn import functional as F


def unscaled(outputs: Tensor, scale: float, middle: tuple[float, float]) -> Tensor:
    """Sample maps where the cells went when the input was enlarged; what left it is 0.

    Args:
        outputs: (..., C, H, W).
        scale: How much the input was enlarged; below 1 it was shrunk.
        middle: x and y of what stayed in its place, cells.
    """
    if scale == 1:
        return outputs
    x, y = (
        (2 * ((torch.arange(length, device=outputs.device) - at) * scale + at) + 1) / length - 1
        for length, at in zip((outputs.shape[-1], outputs.shape[-2]), middle, strict=True)
    )  # -1 and 1 are the outer edges
    maps = outputs.reshape(-1, *outputs.shape[-3:]).float()
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # (H, W, 2)
    grid = grid.expand(len(maps), *grid.shape)
    return F.grid_sample(maps, grid, align_corners=False).reshape(outputs.shape)
