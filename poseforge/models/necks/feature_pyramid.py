from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from poseforge.models.layers import ResidualBlock
from poseforge.registry import NECKS


@NECKS.register_module()
class FeaturePyramid(nn.Module):
    """Add features of all sizes, from the coarsest to the finest.

    A 1 × 1 convolution brings each to one number of channels; what is coarser is enlarged to the
    next one's size and added: the top-down path of Lin et al., Feature Pyramid Networks, CVPR 2017,
    https://arxiv.org/abs/1612.03144. It returns the finest alone.

    Args:
        in_channels: Channels of each feature, the finest first. Where the backbone has more of
            them, the finest are left out.
        width: Channels of the sum.
        blocks: Residual blocks that look at the sum. What they find is added to it by a 1 × 1
            convolution that starts at zero, so that a neck that is learnt already can get them.

    Raises:
        ValueError: `blocks` is negative.
    """

    def __init__(self, in_channels: Sequence[int], width: int, *, blocks: int = 0) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in in_channels)
        if blocks < 0:
            raise ValueError(f"blocks={blocks}; give 0 for none, or more")
        self.blocks: nn.Sequential | None = None
        if blocks:
            last = nn.Conv2d(width, width, 1)
            for parameter in last.parameters():
                nn.init.zeros_(parameter)
            self.blocks = nn.Sequential(*(ResidualBlock(width, width) for _ in range(blocks)), last)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Return one feature (B, width, H, W), H and W being those of the first taken."""
        taken = features[-len(self.laterals) :]
        finest_first = [
            lateral(feature) for lateral, feature in zip(self.laterals, taken, strict=True)
        ]
        total = finest_first.pop()
        while finest_first:
            finer = finest_first.pop()
            total = finer + F.interpolate(total, finer.shape[-2:], mode="nearest")
        return [total if self.blocks is None else total + self.blocks(total)]
