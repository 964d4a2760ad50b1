"""Pictures that the workers have drawn and left to the device."""

from typing import cast

import torch
from torch import Tensor

from poseforge.models.layers.views import sample_views
from poseforge.structures import Batch

PARTS = ("crop", "columns", "rows", "colors", "holes", "noise")


def make_pictures(batch: Batch) -> Batch:
    """Return the batch with its pictures made, or as it is where the workers have made them.

    Nothing is drawn here, and nothing that is computed decides what is computed: the host need not
    wait for the device.

    Args:
        batch: On the device; see `Batch` for what it brings in place of `image`.
    """
    if "crop" not in batch:
        return batch
    image = sample_views(
        batch["crop"].permute(0, 3, 1, 2).float(),
        batch["columns"][:, None],
        batch["rows"][:, None],
        outside="border",
    )[:, 0]
    if "colors" in batch:
        image = _recolored(image, batch["colors"])
    image = image.round_().to(torch.uint8)
    if "holes" in batch:
        image = _covered(image, batch["holes"], batch.get("noise"))
    rest = {name: value for name, value in batch.items() if name not in PARTS}
    return cast(Batch, {**rest, "image": image})


def _recolored(image: Tensor, colors: Tensor) -> Tensor:
    """Map colours (B, 3, H, W) by (B, 3, 4); sums of products, which nothing rounds."""
    red, green, blue, constant = colors[:, :, :, None, None].unbind(dim=2)  # (B, 3, 1, 1)
    mapped = torch.addcmul(constant, red, image[:, :1])
    mapped.addcmul_(green, image[:, 1:2]).addcmul_(blue, image[:, 2:])
    return mapped.clamp_(0, 255)


def _covered(image: Tensor, holes: Tensor, noise: Tensor | None) -> Tensor:
    """Cover rectangles (B, N, 4) by noise (B, T, T, 3), repeated, or by the mean colour; uint8."""
    height, width = image.shape[-2:]
    x, y = (torch.arange(length, device=image.device) for length in (width, height))
    x1, y1, x2, y2 = holes[..., None].unbind(dim=2)  # each (B, N, 1)
    across, down = (x >= x1) & (x < x2), (y >= y1) & (y < y2)  # (B, N, W), (B, N, H)
    hidden = (down[..., None] & across[:, :, None]).any(dim=1, keepdim=True)  # (B, 1, H, W)
    if noise is None:
        mean = image.mean(dim=(2, 3), keepdim=True, dtype=torch.float32)
        return torch.where(hidden, mean.round_().to(torch.uint8), image)
    times = -(-height // noise.shape[1]), -(-width // noise.shape[2])
    tiled = noise.permute(0, 3, 1, 2).repeat(1, 1, *times)[..., :height, :width]
    return torch.where(hidden, tiled, image)
