from collections.abc import Mapping
from typing import Any, cast

from torch import Tensor, nn

from poseforge.codecs.base import Codec
from poseforge.models.estimators.averaging import joined, mirrored
from poseforge.models.estimators.base import Mode
from poseforge.models.estimators.top_down import TopDown
from poseforge.models.heads.base import Head
from poseforge.registry import ESTIMATORS
from poseforge.structures import Batch, Prediction, Skeleton


@ESTIMATORS.register_module()
class FlipConsistent(TopDown):
    """`TopDown` that is trained to see the same in a mirrored picture, left and right exchanged.

    A step runs the crops and their mirror images in one batch, at twice the cost. The head's loss
    is the crops' alone; to it comes the mean squared difference between their outputs and the
    un-mirrored ones of the mirror images, of labelled and unlabelled keypoints alike, which needs
    no label. Both sides get gradients. Checkpoints and predictions are those of `TopDown`.

    Args:
        backbone: As of `TopDown`, as are the next five.
        head: From features to outputs.
        codec: How outputs and coordinates relate.
        skeleton: A known name, a dict of fields, or a skeleton.
        neck: From features to features; None passes them on.
        normalize: Arguments of `Normalize`; None brings images into 0 ... 1.
        weight: The difference's factor; the head's own loss has the `scale` of its criterion.

    Raises:
        ValueError: As of `TopDown`, or the weight is not positive.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: Head,
        codec: Codec,
        skeleton: str | Mapping[str, Any] | Skeleton,
        *,
        neck: nn.Module | None = None,
        normalize: Mapping[str, Any] | None = None,
        weight: float = 1.0,
    ) -> None:
        if not weight > 0:
            raise ValueError(f"weight={weight} is not allowed; give more than 0, or use TopDown")
        super().__init__(backbone, head, codec, skeleton, neck=neck, normalize=normalize)
        self.weight = weight

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        if mode != "loss":
            return super().forward(batch, mode)
        normalized = cast(Batch, {**batch, "image": self.normalize(batch["image"])})
        outputs = self._network(joined(normalized, mirrored(normalized)))
        plain, mirror = outputs.chunk(2)
        difference = plain.float() - self.codec.flip(mirror.float(), self.skeleton)
        losses = self.head.loss(plain, self._targets(batch))
        return {**losses, "loss_flip": self.weight * difference.square().mean()}
