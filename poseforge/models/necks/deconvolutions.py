from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.registry import NECKS


@NECKS.register_module()
class Deconvolutions(nn.Module):
    """Double the last feature's size again and again, by learnt transposed convolutions.

    Each is 4 × 4 of stride 2, without bias, followed by batch normalisation and ReLU. Three of them
    between ResNet's last stage and a 1 × 1 convolution (`HeatmapHead` with `widths=()` and
    `kernel_size=1`) are the network of Xiao et al., Simple Baselines for Human Pose Estimation and
    Tracking, ECCV 2018, https://arxiv.org/abs/1804.06208.

    Args:
        in_channels: Channels of the last feature.
        widths: Channels after each doubling.
    """

    def __init__(self, in_channels: int, widths: Sequence[int] = (256, 256, 256)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width in widths:
            deconvolution = nn.ConvTranspose2d(in_channels, width, 4, 2, 1, bias=False)
            nn.init.normal_(deconvolution.weight, std=0.001)  # as the paper's release begins
            layers += [deconvolution, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            in_channels = width
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Return one feature (B, C, 2^n·H, 2^n·W) of n doublings."""
        return [self.layers(features[-1])]
