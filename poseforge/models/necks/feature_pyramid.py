from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

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
    """

    def __init__(self, in_channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in in_channels)

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
        return [total]
