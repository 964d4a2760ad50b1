"""Five convolutions with local response normalisation."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.registry import BACKBONES


@BACKBONES.register_module()
class AlexNet(nn.Module):
    """The convolutional layers of Krizhevsky et al., NIPS 2012, as DeepPose lays them out.

    Toshev and Szegedy, CVPR 2014, https://arxiv.org/abs/1312.4659. At 220 × 220 the sizes are
    theirs: 55, pooled to 27, 27, pooled to 13, and 13 thrice. The paper gives no padding; 4 pixels
    around the image are what 55 needs. The third pooling, to 6, is Krizhevsky's. Convolutions are
    not divided into two groups. It returns one feature, the last.

    Args:
        channels: (5,) output channels of the convolutions.

    Raises:
        ValueError: There are not five channels.
    """

    def __init__(self, *, channels: Sequence[int] = (96, 256, 384, 384, 256)) -> None:
        super().__init__()
        if len(channels) != 5:
            raise ValueError(f"channels={tuple(channels)}; give five, one for each convolution")
        first, second, *others = channels
        layers: list[nn.Module] = [
            nn.Conv2d(3, first, 11, stride=4, padding=4),
            *_normalized_and_pooled(),
            nn.Conv2d(first, second, 5, padding=2),
            *_normalized_and_pooled(),
        ]
        in_channels = second
        for out_channels in others:
            layers += [nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
            in_channels = out_channels
        self.layers = nn.Sequential(*layers, nn.MaxPool2d(3, stride=2))

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.layers(images)]


def _normalized_and_pooled() -> list[nn.Module]:
    # Krizhevsky's formula has the sum of five squares times 1e-4, PyTorch their mean times alpha.
    normalize = nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
    return [nn.ReLU(inplace=True), normalize, nn.MaxPool2d(3, stride=2)]
