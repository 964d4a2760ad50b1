"""Heatmaps by convolutions at the features' size."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.models.heads.base import Head
from poseforge.models.layers import conv_relu
from poseforge.registry import HEADS
from poseforge.structures import Batch


@HEADS.register_module()
class HeatmapHead(Head):
    """One wide convolution, 1 × 1 convolutions, and a linear one to the maps.

    Args:
        in_channels: Channels of the last feature.
        num_keypoints: K.
        loss: Called with outputs (B, C, H, W), `heatmaps` and `weights`.
        extra_channels: Maps beyond the keypoints', as many as the codec's `extra` adds.
        widths: Channels of the wide convolution and of the 1 × 1 convolutions after it.
        kernel_size: Side of the wide convolution, cells.
        tanh: End in a tanh.
        batch_norm: Normalise after each convolution but the last.
    """

    def __init__(
        self,
        in_channels: int,
        num_keypoints: int,
        loss: nn.Module,
        *,
        extra_channels: int = 0,
        widths: Sequence[int] = (512, 256, 256),
        kernel_size: int = 9,
        tanh: bool = False,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.criterion = loss
        blocks: list[nn.Module] = []
        for width in widths:
            blocks.append(conv_relu(in_channels, width, kernel_size, batch_norm=batch_norm))
            in_channels, kernel_size = width, 1
        blocks.append(nn.Conv2d(in_channels, num_keypoints + extra_channels, 1))
        if tanh:
            blocks.append(nn.Tanh())
        self.blocks = nn.Sequential(*blocks)

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return maps (B, C, H, W), C being `num_keypoints + extra_channels`."""
        maps: Tensor = self.blocks(features[-1])
        return maps

    def loss(self, outputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"loss_heatmaps": self.criterion(outputs, targets["heatmaps"], targets["weights"])}
