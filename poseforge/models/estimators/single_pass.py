"""What estimators of one backbone, neck and head share."""

from typing import cast

from torch import Tensor, nn

from poseforge.models.estimators.averaging import average_outputs
from poseforge.models.estimators.base import Estimator, Mode
from poseforge.models.heads.base import Head
from poseforge.models.preprocessor import Normalize
from poseforge.structures import Batch, Prediction
from poseforge.structures.affine import apply_inverse


class SinglePass(Estimator):
    """Normalise the image, backbone, neck, head; the codec makes targets and decodes outputs."""

    normalize: Normalize
    backbone: nn.Module
    neck: nn.Module
    head: Head

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        normalized = cast(Batch, {**batch, "image": self.normalize(batch["image"])})
        if mode == "tensor":
            return self._network(normalized)
        if mode == "loss":
            targets = self._targets(batch)
            return self.head.loss(self._network(normalized), targets)
        if mode == "predict":
            return self._predict(normalized)
        raise ValueError(f"mode={mode!r}; choose one of loss, predict, tensor")

    def _network(self, batch: Batch) -> Tensor:
        """Return the head's outputs for a batch whose images are normalised."""
        outputs: Tensor = self.head(self.neck(self.backbone(batch["image"])), batch)
        return outputs

    def _targets(self, batch: Batch) -> dict[str, Tensor]:
        return self.codec.encode(batch["keypoints"], batch["visible"])

    def _predict(self, batch: Batch) -> Prediction:
        outputs = average_outputs(
            self._network,
            batch,
            self.codec,
            self.skeleton,
            flip=self.flip_test,
            scales=self.scales,
        )
        if self.stages > 1:
            outputs = outputs[:, : self.last_stage]
        points, scores = self.codec.decode(outputs)  # (B, K, 2), or of scenes (B, P, K, 2)
        images = apply_inverse(batch["matrix"], points.flatten(1, -2)).reshape(points.shape)
        return {"keypoints": images, "scores": scores}
