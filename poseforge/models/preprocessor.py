"""From the bytes of a picture to what a network is used to."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Normalize(nn.Module):
    """Subtract a mean and divide by a deviation, on the device that the images are on.

    The defaults bring images into 0 ... 1. CPM's release has mean (128, 128, 128), std
    (256, 256, 256) and BGR.

    Args:
        mean: (3,) in units of 0 ... 255, in the channel order of the result.
        std: (3,) likewise.
        bgr: Turn RGB into BGR.

    Raises:
        ValueError: `mean` or `std` has not three values, or `std` has one that is not positive.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        mean: Sequence[float] = (0.0, 0.0, 0.0),
        std: Sequence[float] = (255.0, 255.0, 255.0),
        *,
        bgr: bool = False,
    ) -> None:
        super().__init__()
        if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
            raise ValueError(
                f"mean={tuple(mean)} and std={tuple(std)}; give three values each, "
                "std's above 0, in units of 0 ... 255"
            )
        self.bgr = bgr
        # Configured, not learnt: a checkpoint's config carries them, its state does not.
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1).float(), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1).float(), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return float images of images (B, 3, H, W) in 0 ... 255, uint8 or float."""
        if self.bgr:
            images = images.flip(1)
        return (images - self.mean) / self.std
