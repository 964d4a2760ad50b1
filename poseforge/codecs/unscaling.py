"""Maps of an enlarged input, sampled as maps of the input as it was."""

import torch
from torch import Tensor
from torch.nn import functional as F


def unscaled(
    outputs: Tensor,
    scale: float,
    middle: tuple[float, float],
    size: tuple[int, int] | None = None,
) -> Tensor:
    """Sample maps where the cells went when the input was enlarged; what left it is 0.

    Args:
        outputs: (..., C, H, W).
        scale: How much the input was enlarged; below 1 it was shrunk.
        middle: x and y of what stayed in the input's middle, cells of the input as it was.
        size: Width and height of the maps for the input as it was; None means (W, H).

    Returns:
        (..., C, height, width).
    """
    if scale == 1:
        return outputs
    lengths = outputs.shape[-1], outputs.shape[-2]
    x, y = (
        (2 * ((torch.arange(count, device=outputs.device) - at) * scale + at) + 1 + length - count)
        / length
        - 1
        for count, length, at in zip(size or lengths, lengths, middle, strict=True)
    )  # -1 and 1 are the outer edges
    maps = outputs.reshape(-1, *outputs.shape[-3:]).float()
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # (height, width, 2)
    sampled = F.grid_sample(maps, grid.expand(len(maps), *grid.shape), align_corners=False)
    return sampled.reshape(*outputs.shape[:-2], *sampled.shape[-2:])
