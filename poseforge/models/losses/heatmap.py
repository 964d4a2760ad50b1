"""Losses of heatmaps."""

from torch import Tensor, nn

from poseforge.models.losses.agreement import check_shapes
from poseforge.registry import LOSSES


@LOSSES.register_module()
class HeatmapMSE(nn.Module):
    """Squared error of maps; maps or cells of weight 0 neither count nor get a gradient.

    What the sum is divided by does not depend on how much is labelled. So the mean over
    devices or accumulated batches of one size is the mean over all samples.

    Args:
        reduction: "mean" divides by the number of all elements, B·C·H·W; "sum" by 2·B, which is
            Caffe's Euclidean loss.
        scale: The loss is multiplied by this.

    Raises:
        ValueError: `reduction` is not known.
    """

    def __init__(self, *, reduction: str = "mean", scale: float = 1.0) -> None:
        super().__init__()
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction={reduction!r}; choose one of mean, sum")
        self.reduction = reduction
        self.scale = scale

    def forward(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the loss.

        Args:
            outputs: (B, C, H, W).
            targets: (B, C, H, W).
            weights: (B, C) of whole maps, or (B, C, H, W) of cells.
        """
        check_shapes(outputs, targets)
        error = (outputs.float() - targets).square()
        if weights.dim() == 2:
            error = error.sum(dim=(-2, -1))  # (B, C)
        count = outputs.numel() if self.reduction == "mean" else 2 * len(outputs)
        return (error * weights).sum() * (self.scale / count)
