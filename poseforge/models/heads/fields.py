"""What heads of fields and maps share."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from poseforge.models.heads.base import Head
from poseforge.structures import Batch


class FieldsHead(Head):
    """Stages of outputs as `PartFields` has them: maps, the background and fields.

    Args:
        num_keypoints: K, the skeleton's.
        num_links: L, the codec's links.
        loss: Called with outputs, `fields` and `weights`, each (B, C, H, W), of the fields and of
            the maps of each stage.
        num_middles: How many middles of two keypoints are parts of their own; 1 is OpenPose's neck.
        stages: S.
        fields_weight: How much the fields' losses count beside the maps'.

    Raises:
        ValueError: `fields_weight` is not positive.
    """

    def __init__(
        self,
        num_keypoints: int,
        num_links: int,
        loss: nn.Module,
        *,
        num_middles: int,
        stages: int,
        fields_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if not fields_weight > 0:
            raise ValueError(f"fields_weight={fields_weight}; it must be positive")
        self.weights = {"fields": fields_weight, "maps": 1.0}
        self.stages = stages
        self.num_keypoints = num_keypoints
        self.field_channels = 2 * num_links
        self.map_channels = num_keypoints + num_middles + 1
        self.criterion = loss

    @abstractmethod
    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return maps and fields of all stages (B, S, C, H, W); C is K, middles, 1, and 2·L."""

    def loss(self, outputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `loss_fields1`, `loss_maps1` and so on for what each stage predicts."""
        values, weights = targets["fields"], targets["weights"]
        fields, maps = slice(self.map_channels, None), slice(self.map_channels)
        losses = {}
        for index, stage in enumerate(outputs.unbind(1)):
            for name, channels in (("fields", fields), ("maps", maps)):
                if self.predicts(name, index):
                    losses[f"loss_{name}{index + 1}"] = self.weights[name] * self.criterion(
                        stage[:, channels], values[:, channels], weights[:, channels]
                    )
        return losses

    @abstractmethod
    def predicts(self, name: str, index: int) -> bool:
        """Say whether stage `index` predicts "fields" or "maps" of its own."""


def output_conv(in_channels: int, out_channels: int, *, background: bool) -> nn.Conv2d:
    """Return a 1 × 1 convolution whose outputs begin near those for a picture of nobody.

    These are 0, and 1 for the background, the last channel. Almost all cells of a target are so;
    otherwise the background, which no result depends on, is most of the loss for hundreds of steps.
    """
    conv = nn.Conv2d(in_channels, out_channels, 1)
    nn.init.normal_(conv.weight, std=0.01)
    bias = torch.zeros(out_channels)
    bias[-1] = float(background)
    conv.bias = nn.Parameter(bias)
    return conv
