"""Flip and multi-scale testing: one wrapper for every network and codec."""

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from poseforge.codecs.base import Codec
from poseforge.structures import Batch, Skeleton

Network = Callable[[Batch], Tensor]


def average_outputs(
    network: Network,
    batch: Batch,
    codec: Codec,
    skeleton: Skeleton,
    *,
    flip: bool,
    scales: Sequence[float],
) -> Tensor:
    """Average a network's outputs over enlarged and mirrored inputs.

    Args:
        network: From a batch to outputs; of the batch it may use `image` and `center`.
        batch: `image` is normalised, (B, 3, H, W) float: what enters from outside is 0, the mean
            colour.
        codec: Knows what outputs for a changed input mean.
        skeleton: Knows left and right.
        flip: Also run the mirrored input, in one batch with the plain one.
        scales: How much to enlarge the input about its middle, one run each.

    Returns:
        Outputs for the input as it is, float32.

    Raises:
        ValueError: `scales` is empty, or one of them is not positive.
    """
    if not scales or min(scales) <= 0:
        raise ValueError(f"scales={tuple(scales)}; give at least one, each above 0, 1 being as is")
    outputs = []
    for scale in scales:
        changed = enlarged(batch, scale, codec.enlarged_size(scale))
        if flip:
            plain, mirror = network(joined(changed, mirrored(changed))).float().chunk(2)
            output = (plain + codec.flip(mirror, skeleton)) / 2
        else:
            output = network(changed).float()
        outputs.append(codec.unscale(output, scale))
    return outputs[0] if len(outputs) == 1 else torch.stack(outputs).mean(dim=0)


def enlarged(batch: Batch, scale: float, size: tuple[int, int]) -> Batch:
    """Return the batch with `image` and `center` enlarged about the middle of the image.

    Args:
        batch: `image` is (B, 3, H, W).
        scale: How much larger everything becomes.
        size: (width, height) of the image that is returned.
    """
    if scale == 1:
        return batch
    image = batch["image"]
    sides = image.shape[-1], image.shape[-2]
    theta = image.new_zeros((1, 2, 3))
    for axis in (0, 1):
        theta[:, axis, axis] = size[axis] / sides[axis] / scale
    shape = [len(image), 3, size[1], size[0]]
    grid = F.affine_grid(theta.expand(len(image), 2, 3), shape, align_corners=False)
    center = [
        (batch["center"][:, axis] - (sides[axis] - 1) / 2) * scale + (size[axis] - 1) / 2
        for axis in (0, 1)
    ]
    changed = {
        "image": F.grid_sample(image, grid, padding_mode="zeros", align_corners=False),
        "center": torch.stack(center, dim=-1),
    }
    return cast(Batch, {**batch, **changed})


def mirrored(batch: Batch) -> Batch:
    """Return the batch with `image` and `center` mirrored."""
    image, center = batch["image"], batch["center"]
    last = image.shape[-1] - 1
    changed = {
        "image": image.flip(-1),
        "center": torch.stack([last - center[:, 0], center[:, 1]], dim=-1),
    }
    return cast(Batch, {**batch, **changed})


def joined(first: Batch, second: Batch) -> Batch:
    """Return two batches as one."""
    pairs = zip(first.items(), second.values(), strict=True)
    return cast(Batch, {key: torch.cat([a, b]) for (key, a), b in pairs})  # type: ignore[list-item]
