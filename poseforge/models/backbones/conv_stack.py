"""A plain stack of convolutions."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.models.layers import conv_relu
from poseforge.registry import BACKBONES


@BACKBONES.register_module()
class ConvStack(nn.Module):
    """Convolution, ReLU and 2 × 2 maximum pooling, once for each entry of `channels`.

    Each entry halves the size. It returns one feature, the last.

    Args:
        channels: Output channels of each convolution.
        kernel_size: Side of the convolutions, cells.
        in_channels: Channels of the images.
        batch_norm: Normalise after each convolution.
    """

    def __init__(
        self,
        channels: Sequence[int],
        *,
        kernel_size: int = 5,
        in_channels: int = 3,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for out_channels in channels:
            blocks.append(conv_relu(in_channels, out_channels, kernel_size, batch_norm=batch_norm))
            blocks.append(nn.MaxPool2d(2))
            in_channels = out_channels
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.blocks(images)]
