"""Networks of which it is known how they behave while they are timed."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from poseforge.engine.config import RunConfig

SLEEP = 0.02  # seconds
FITS = 2  # images
WORKSPACE = 100_000_000  # bytes


class Toy(nn.Module):
    """One convolution of stride 8."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 8, stride=8)

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.conv(images)]


class Sleeping(Toy):
    """Sleeps for each image."""

    def forward(self, images: Tensor) -> list[Tensor]:
        time.sleep(SLEEP * len(images))
        return super().forward(images)


class Large(Toy):
    """Fits in memory with few images only."""

    def forward(self, images: Tensor) -> list[Tensor]:
        if len(images) > FITS:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nMore.")
        return super().forward(images)


class WithoutHalf(Toy):
    """Computes in float32 only."""

    def forward(self, images: Tensor) -> list[Tensor]:
        if torch.is_autocast_enabled(images.device.type):
            raise RuntimeError("not implemented for 'Half'")
        return super().forward(images)


class Workspace(Toy):
    """Takes a known amount of memory for a while."""

    def forward(self, images: Tensor) -> list[Tensor]:
        torch.empty(WORKSPACE, dtype=torch.uint8, device=images.device)
        return super().forward(images)


def make_config(backbone: Callable[[], nn.Module] = Toy, **changes: Any) -> RunConfig:
    """Return a config of a toy for 32 x 32, without data."""
    head = {"type": "HeatmapHead", "in_channels": 4, "num_keypoints": 14, "widths": ()}
    values = {
        "codec": {"type": "Heatmap", "input_size": (32, 32), "stride": 8, "sigma_px": 4.0},
        "model": {
            "type": "TopDown",
            "skeleton": "lsp14",
            "backbone": {"type": f"{__name__}.{backbone.__name__}"},
            "head": {**head, "loss": {"type": "HeatmapMSE"}},
        },
        "optim_wrapper": {"optimizer": {"type": "AdamW", "lr": 1e-2}},
        "train_cfg": {"max_iters": 1},
    }
    return RunConfig("toy", {**values, **changes})
