"""The same network on a picture at full, half and quarter size."""

from torch import Tensor, nn
from torch.nn import functional as F

from poseforge.models.layers import LocalContrastNorm, conv_relu
from poseforge.registry import BACKBONES

# Pooling before the second convolution, before the third, and after it. A pooling by 4 is two by 2.
POOLS = {4: (2, 2, 1), 8: (2, 2, 2), 16: (2, 2, 4)}


@BACKBONES.register_module()
class MultiResolutionBanks(nn.Module):
    """Banks of equal layout and own weights look at the levels of an image pyramid and are summed.

    Each level is the mean over 2 × 2 pixels of the one before, normalised in its local contrast. A
    bank is three 5 × 5 convolutions with pooling and a wide 9 × 9 one, each with a ReLU and padded
    to keep the size. The smaller banks' results are enlarged by repeating cells. Tompson et al.,
    Efficient Object Localization Using Convolutional Networks, CVPR 2015,
    https://arxiv.org/abs/1411.4280.

    It returns, for each bank from the largest to the smallest, its first and its second
    convolution's features (before pooling: at strides 1 and 2 of the bank's own input), then the
    sum, at `stride`. Pooling and the pyramid round sizes up, so that cells of all banks lie on each
    other whatever the size of the image.

    Args:
        stride: Input pixels per cell of the sum: 4, 8 or 16, by two, three or four poolings by 2.
        banks: How many levels the pyramid has.
        width: Channels of the 5 × 5 convolutions.
        wide: Channels of the 9 × 9 convolutions.
        batch_norm: Normalise after each convolution (not in the paper).
        spatial_dropout: Probability that a channel of the sum is dropped whole in training: cells
            beside each other say nearly the same, so dropping single ones would take little away.

    Raises:
        ValueError: `stride` or `banks` is not possible.
    """

    def __init__(
        self,
        *,
        stride: int = 8,
        banks: int = 3,
        width: int = 128,
        wide: int = 512,
        batch_norm: bool = False,
        spatial_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if stride not in POOLS:
            raise ValueError(f"stride={stride}; choose one of {', '.join(map(str, POOLS))}")
        if banks < 1:
            raise ValueError(f"banks={banks}; give 1 or more")
        self.contrast = LocalContrastNorm()
        self.banks = nn.ModuleList(
            Bank(POOLS[stride], width, wide, batch_norm=batch_norm) for _ in range(banks)
        )
        self.dropout = nn.Dropout2d(spatial_dropout)

    def forward(self, images: Tensor) -> list[Tensor]:
        features: list[Tensor] = []
        ends: list[Tensor] = []
        level = images
        for bank in self.banks:
            *early, end = bank(self.contrast(level))
            features += early
            ends.append(end)
            level = F.avg_pool2d(level, 2, ceil_mode=True)
        height, width = ends[0].shape[-2:]
        total = ends[0]
        for number, end in enumerate(ends[1:], start=1):
            enlarged = F.interpolate(end, scale_factor=float(2**number), mode="nearest")
            total = total + enlarged[..., :height, :width]
        return [*features, self.dropout(total)]


class Bank(nn.Module):
    """One level's network.

    Args:
        pools: The sides of the poolings after the 5 × 5 convolutions; 1 is none.
        width: Channels of the 5 × 5 convolutions.
        wide: Channels of the 9 × 9 convolution.
        batch_norm: Normalise after each convolution.
    """

    def __init__(
        self, pools: tuple[int, int, int], width: int, wide: int, *, batch_norm: bool
    ) -> None:
        super().__init__()
        first, second, third = (nn.MaxPool2d(side, ceil_mode=True) for side in pools)
        self.first = conv_relu(3, width, 5, batch_norm=batch_norm)
        self.second = nn.Sequential(first, conv_relu(width, width, 5, batch_norm=batch_norm))
        self.rest = nn.Sequential(
            second,
            conv_relu(width, width, 5, batch_norm=batch_norm),
            third,
            conv_relu(width, wide, 9, batch_norm=batch_norm),
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the first convolution's features, the second's, and the end's."""
        first = self.first(image)
        second = self.second(first)
        return first, second, self.rest(second)
