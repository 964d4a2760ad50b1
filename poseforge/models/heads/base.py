"""The head contract."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.structures import Batch


class Head(nn.Module, ABC):
    """Turn features into outputs, and outputs into losses. No decoding, no metrics, no flip."""

    num_keypoints: int
    stages: int = 1  # on dimension 1 of the outputs, where there is more than one

    @abstractmethod
    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return the outputs that a codec decodes.

        Args:
            features: What the backbone or neck returns, each (B, C, H, W).
            batch: The batch, for heads that condition on it (CPM's centre map).

        Returns:
            Outputs in the form of the head's codec; stages, if any, on dimension 1.
        """

    @abstractmethod
    def loss(self, outputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return scalar losses by name; the sum of those named `loss*` is minimised."""
