"""Losses of coordinates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from poseforge.models.losses.agreement import check_shapes
from poseforge.registry import LOSSES


@LOSSES.register_module()
class CoordinateMSE(nn.Module):
    """Squared error of coordinates; points of weight 0 neither count nor get a gradient.

    Args:
        reduction: "mean" divides by the number of all elements, B·K·2, so that the mean over
            devices or accumulated batches of one size is the mean over all samples; "sum"
            divides by nothing.

    Raises:
        ValueError: `reduction` is not known.
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction={reduction!r}; choose one of mean, sum")
        self.reduction = reduction

    def forward(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the loss.

        Args:
            outputs: (B, K, 2).
            targets: (B, K, 2).
            weights: (B, K).
        """
        check_shapes(outputs, targets)
        total = ((outputs.float() - targets).square() * weights[..., None]).sum()
        return total / outputs.numel() if self.reduction == "mean" else total


@LOSSES.register_module()
class SmoothL1(nn.Module):
    """Absolute error, squared near 0, over the number of all elements B·K·2.

    Girshick, Fast R-CNN, ICCV 2015, https://arxiv.org/abs/1504.08083.

    Args:
        beta: Below this error the loss is quadratic, in the units of the coordinates.

    Raises:
        ValueError: `beta` is not positive.
    """

    def __init__(self, *, beta: float = 0.01) -> None:
        super().__init__()
        if not beta > 0:
            raise ValueError(f"beta={beta}; it must be positive")
        self.beta = beta

    def forward(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the loss.

        Args:
            outputs: (B, K, 2).
            targets: (B, K, 2).
            weights: (B, K).
        """
        check_shapes(outputs, targets)
        error = F.smooth_l1_loss(outputs.float(), targets, reduction="none", beta=self.beta)
        return torch.mean(error * weights[..., None])
