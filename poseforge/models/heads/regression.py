"""Coordinates by fully connected layers."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.models.heads.base import Head
from poseforge.registry import HEADS
from poseforge.structures import Batch


@HEADS.register_module()
class RegressionHead(Head):
    """Flatten the last feature; fully connected layers end in x and y of each keypoint.

    Toshev and Szegedy, DeepPose, CVPR 2014, https://arxiv.org/abs/1312.4659.

    Args:
        in_features: Values of the last feature, C·H·W.
        num_keypoints: K.
        loss: Called with outputs (B, K, 2), `coordinates` and `weights`.
        hidden: Widths of the layers before the last.
        dropout: Probability that a hidden value is dropped in training.
    """

    def __init__(
        self,
        in_features: int,
        num_keypoints: int,
        loss: nn.Module,
        *,
        hidden: Sequence[int] = (1024, 1024),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.num_keypoints = num_keypoints
        self.criterion = loss
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [nn.Linear(in_features, width), nn.ReLU(inplace=True)]
            if dropout:
                layers.append(nn.Dropout(dropout))
            in_features = width
        self.layers = nn.Sequential(*layers, nn.Linear(in_features, 2 * num_keypoints))

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return coordinates (B, K, 2).

        Raises:
            ValueError: The last feature has other than `in_features` values.
        """
        flat = features[-1].flatten(1)  # (B, C*H*W)
        if flat.shape[1] != self.in_features:
            channels, height, width = features[-1].shape[1:]
            raise ValueError(
                f"the last feature has {channels} x {height} x {width} = {flat.shape[1]} values, "
                f"but the head was made with in_features={self.in_features}; "
                f"set in_features={flat.shape[1]}"
            )
        outputs: Tensor = self.layers(flat)  # (B, 2*K)
        return outputs.reshape(-1, self.num_keypoints, 2)

    def loss(self, outputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        loss = self.criterion(outputs, targets["coordinates"], targets["weights"])
        return {"loss_coordinates": loss}
