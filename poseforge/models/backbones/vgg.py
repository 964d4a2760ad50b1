"""The front of VGG-19, as OpenPose uses it."""

from torch import Tensor, nn

from poseforge.models.layers import conv_relu
from poseforge.registry import BACKBONES

# How many convolutions, and how many times `width` channels each has; pooling stands between.
_BLOCKS = ((2, 1), (2, 2), (4, 4), (2, 8))


@BACKBONES.register_module()
class VGGFront(nn.Module):
    """The first ten convolutions of VGG-19, and two that condense their features.

    Simonyan and Zisserman, Very Deep Convolutional Networks, ICLR 2015,
    https://arxiv.org/abs/1409.1556; the two more are conv4_3_CPM and conv4_4_CPM of Cao et al.,
    CVPR 2017. It returns one feature of an eighth of the size and 2·`width` channels.

    Args:
        width: Channels of the first convolutions; VGG's are 64. The last two have 4 and 2 times as
            many.
        batch_norm: Normalise after each convolution (not in the papers).
    """

    def __init__(self, *, width: int = 64, batch_norm: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for count, times in _BLOCKS:
            if layers:
                layers.append(nn.MaxPool2d(2))
            for _ in range(count):
                layers.append(conv_relu(channels, times * width, 3, batch_norm=batch_norm))
                channels = times * width
        self.front = nn.Sequential(*layers)
        self.condense = nn.Sequential(
            conv_relu(channels, 4 * width, 3, batch_norm=batch_norm),
            conv_relu(4 * width, 2 * width, 3, batch_norm=batch_norm),
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.condense(self.front(images))]
