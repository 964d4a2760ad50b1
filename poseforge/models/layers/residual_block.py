from torch import Tensor, nn

from poseforge.models.layers.conv import conv_relu


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut, which is a 1 × 1 where shapes differ.

    The basic block of ResNet-18 (He et al., CVPR 2016, https://arxiv.org/abs/1512.03385). The last
    batch normalisation starts at zero, so that a block first passes on what it gets.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Of the first convolution and the shortcut.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        first = conv_relu(in_channels, out_channels, 3, stride=stride, batch_norm=True)
        second, _, _ = conv_relu(out_channels, out_channels, 3, batch_norm=True)
        last_norm = nn.BatchNorm2d(out_channels)
        nn.init.zeros_(last_norm.weight)
        self.residual = nn.Sequential(*first, second, last_norm)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            conv, norm, _ = conv_relu(in_channels, out_channels, 1, stride=stride, batch_norm=True)
            self.shortcut = nn.Sequential(conv, norm)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, out_channels, H / stride, W / stride), rounded up."""
        outputs: Tensor = self.relu(self.residual(inputs) + self.shortcut(inputs))
        return outputs
