"""What part affinity fields say along the lines between cells."""

import torch
from torch import Tensor
from torch.nn import functional as F


def components_along(fields: Tensor, starts: Tensor, ends: Tensor, num_samples: int) -> Tensor:
    """Interpolate fields on lines from each start to each end.

    Args:
        fields: (B, L, 2, H, W).
        starts: (B, L, M, 2) cells, x and y.
        ends: (B, L, N, 2) cells.
        num_samples: At so many points of a line, its ends among them.

    Returns:
        The field's component in the line's direction (B, L, M, N, num_samples); 0 on a line of
        no length.
    """
    vector = ends[:, :, None] - starts[:, :, :, None]  # (B, L, M, N, 2)
    length = vector.norm(dim=-1, keepdim=True)
    x, y = torch.where(length > 0, vector / length, 0.0)[..., None].unbind(-2)
    size = torch.tensor([fields.shape[-1], fields.shape[-2]], device=fields.device)
    begin, end = ((2 * cells.flatten(0, 1) + 1) / size - 1 for cells in (starts, ends))
    steps = torch.linspace(0, 1, num_samples, dtype=fields.dtype, device=fields.device)
    lines = torch.lerp(begin[:, :, None, None], end[:, None, :, None], steps[:, None])
    values = F.grid_sample(
        fields.flatten(0, 1), lines.flatten(1, 2), padding_mode="border", align_corners=False
    )  # (B*L, 2, M*N, num_samples)
    shape = (*vector.shape[:4], num_samples)
    return values[:, 0].reshape(shape) * x + values[:, 1].reshape(shape) * y
