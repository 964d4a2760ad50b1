"""The two image towers of the Convolutional Pose Machine."""

from torch import Tensor, nn

from poseforge.models.layers import conv_relu, gaussian_init_
from poseforge.registry import BACKBONES

POOLS = {
    "ceil": lambda: nn.MaxPool2d(3, stride=2, ceil_mode=True),
    "padded": lambda: nn.MaxPool2d(3, stride=2, padding=1),
}


@BACKBONES.register_module()
class CPMTowers(nn.Module):
    """Three 9 × 9 convolutions with pooling to an eighth of the size, twice with own weights.

    Wei et al., Convolutional Pose Machines, CVPR 2016, https://arxiv.org/abs/1602.00134. It returns
    two features: for the first stage of a `CPMHead`, and for all later ones.

    Args:
        width: Channels of every convolution; the paper's is 128.
        batch_norm: Normalise after each convolution (not in the paper).
        pool: Where the 3 × 3 windows start: "ceil" at the first pixel, running over the end, as
            in the authors' release; "padded" one pixel before it.
        init_std: Draw weights from N(0, init_std²), as the release does with 0.01. None keeps the
            default; with batch normalisation it is not used.

    Raises:
        ValueError: `pool` is not known.
    """

    def __init__(
        self,
        *,
        width: int = 128,
        batch_norm: bool = False,
        pool: str = "ceil",
        init_std: float | None = 0.01,
    ) -> None:
        super().__init__()
        if pool not in POOLS:
            raise ValueError(f"pool={pool!r}; choose one of {', '.join(POOLS)}")
        self.first, self.later = (
            nn.Sequential(
                *(
                    nn.Sequential(
                        conv_relu(in_channels, width, 9, batch_norm=batch_norm), POOLS[pool]()
                    )
                    for in_channels in (3, width, width)
                )
            )
            for _ in range(2)
        )
        if init_std is not None and not batch_norm:
            gaussian_init_(self, init_std)

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.first(images), self.later(images)]
