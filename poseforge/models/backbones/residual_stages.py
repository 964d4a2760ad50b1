"""A small residual network that returns the features of each size."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.models.layers import ResidualBlock, conv_relu
from poseforge.registry import BACKBONES


@BACKBONES.register_module()
class ResidualStages(nn.Module):
    """Stages of basic residual blocks, as narrow and as few as one likes.

    Two 3 × 3 convolutions of stride 2 begin it; each later stage halves the size in its first
    block. The blocks are those of ResNet-18 (`ResidualBlock`). It returns one feature a stage, of a
    quarter, an eighth … of the size.

    Args:
        widths: Channels of each stage; its number is that of the features.
        depths: Blocks of each stage.
        stem: Channels of the first convolution.

    Raises:
        ValueError: `widths` and `depths` are not equally long, or empty.
    """

    def __init__(self, widths: Sequence[int], depths: Sequence[int], *, stem: int = 16) -> None:
        super().__init__()
        if len(widths) != len(depths) or not widths:
            raise ValueError(
                f"widths={tuple(widths)} and depths={tuple(depths)}; give one number of each a "
                "stage"
            )
        self.stem = nn.Sequential(
            *conv_relu(3, stem, 3, stride=2, batch_norm=True),
            *conv_relu(stem, widths[0], 3, stride=2, batch_norm=True),
        )
        stages = []
        in_channels = widths[0]
        for index, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            blocks = []
            for block in range(depth):
                stride = 2 if index and not block else 1
                blocks.append(ResidualBlock(in_channels, width, stride=stride))
                in_channels = width
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def forward(self, images: Tensor) -> list[Tensor]:
        feature = self.stem(images)
        features = []
        for stage in self.stages:
            feature = stage(feature)
            features.append(feature)
        return features
