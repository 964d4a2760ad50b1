"""A coarse look at the person, then a close one at each keypoint in the same features."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from poseforge.codecs import Heatmap
from poseforge.models.estimators.averaging import average_outputs
from poseforge.models.estimators.base import Mode
from poseforge.models.estimators.top_down import TopDown
from poseforge.models.heads import Head, WindowHead
from poseforge.registry import ESTIMATORS
from poseforge.structures import Batch, Prediction, Skeleton
from poseforge.structures.affine import apply_inverse

COARSE, FINE, BOTH = range(3)  # the phases, by what they train


@ESTIMATORS.register_module()
class CoarseToFine(TopDown):
    """Find keypoints in coarse heatmaps, then each one's offset in a window of early features.

    It is trained in three phases: the backbone and the coarse head; the fine head with both of them
    frozen; all together, where the fine head's loss counts with its own `scale`. Stage 1 of its
    predictions is the coarse points, stage 2 adds the offsets; the scores of both are the coarse
    maps'. A model that no phase was begun for is as in the last phase. In mode `tensor` it returns
    the coarse heatmaps. Tompson et al., Efficient Object Localization Using Convolutional Networks,
    CVPR 2015, https://arxiv.org/abs/1411.4280.

    Averaged predictions average the coarse heatmaps and the offsets: each mirrored or enlarged
    input's own features are looked at closely, around the one coarse point, where it lies there.

    Args:
        backbone: From images (B, 3, H, W) to features: early ones first, the last for `head`.
        head: From features to coarse heatmaps.
        fine_head: From features and points to heatmaps of windows.
        codec: How coarse heatmaps and coordinates relate.
        skeleton: A known name, a dict of fields, or a skeleton.
        normalize: Arguments of `Normalize`; None brings images into 0 ... 1.
        flip_test: Average predictions with those of the mirrored input. May be set later.
        scales: Average predictions over the input enlarged by each. May be set later.

    Raises:
        ValueError: The heads and the skeleton have different numbers of keypoints.
    """

    phases = 3
    trained_stages: Tensor
    middle: Tensor

    def __init__(
        self,
        backbone: nn.Module,
        head: Head,
        fine_head: WindowHead,
        codec: Heatmap,
        skeleton: str | Mapping[str, Any] | Skeleton,
        *,
        normalize: Mapping[str, Any] | None = None,
        flip_test: bool = False,
        scales: Sequence[float] = (1.0,),
    ) -> None:
        super().__init__(
            backbone,
            head,
            codec,
            skeleton,
            normalize=normalize,
            flip_test=flip_test,
            scales=scales,
        )
        if fine_head.num_keypoints != head.num_keypoints:
            raise ValueError(
                f"the fine head has num_keypoints={fine_head.num_keypoints} but the coarse one has "
                f"{head.num_keypoints}; make them agree"
            )
        self.fine_head = fine_head
        self.stages = 2
        self.phase = BOTH
        self.register_buffer("trained_stages", torch.tensor(2))
        middle = [(side - 1) / 2 for side in codec.input_size]
        self.register_buffer("middle", torch.tensor(middle), persistent=False)

    def begin_phase(self, phase: int, batches: Iterable[Batch] | None) -> None:
        self.phase = phase
        self.requires_grad_(True)
        for part in self._frozen:
            part.requires_grad_(False)
        self.trained_stages.fill_(1 if phase == COARSE else 2)
        self.train(self.training)

    @property
    def _frozen(self) -> tuple[nn.Module, ...]:
        return {COARSE: (self.fine_head,), FINE: (self.backbone, self.head), BOTH: ()}[self.phase]

    def train(self, mode: bool = True) -> "CoarseToFine":
        super().train(mode)
        for part in self._frozen:
            part.eval()
        return self

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        if mode != "loss":
            return super().forward(batch, mode)
        features = self.backbone(self.normalize(batch["image"]))
        outputs = self.head(features, batch)
        losses: dict[str, Tensor] = {}
        if self.phase != FINE:
            targets = self.codec.encode(batch["keypoints"], batch["visible"])
            losses |= self.head.loss(outputs, targets)
        if self.phase != COARSE:
            coarse, _ = self.codec.decode(outputs.detach())
            middles = self.fine_head.around(coarse)
            targets = self.fine_head.encode(batch["keypoints"], batch["visible"], middles)
            losses |= self.fine_head.loss(self._look(features, middles), targets)
        return losses

    def _look(self, features: Sequence[Tensor], middles: Tensor) -> Tensor:
        """Return the fine head's maps of windows around (B, K, 2) input pixels."""
        maps: Tensor = self.fine_head(features, cast(Batch, {"keypoints": middles}))
        return maps

    def _predict(self, batch: Batch) -> Prediction:
        seen: list[Sequence[Tensor]] = []  # one for each scale

        def network(changed: Batch) -> Tensor:
            seen.append(self.backbone(changed["image"]))
            outputs: Tensor = self.head(seen[-1], changed)
            return outputs

        outputs = average_outputs(
            network,
            batch,
            self.codec,
            self.skeleton,
            flip=self.flip_test,
            scales=self.scales,
        )
        keypoints, scores = self.codec.decode(outputs)
        if (self.last_stage or int(self.trained_stages)) == 2:
            pairs = zip(seen, self.scales, strict=True)
            offsets = [self._offsets(features, keypoints, scale) for features, scale in pairs]
            keypoints = keypoints + torch.stack(offsets).mean(dim=0)
        return {"keypoints": apply_inverse(batch["matrix"], keypoints), "scores": scores}

    def _offsets(self, features: Sequence[Tensor], coarse: Tensor, scale: float) -> Tensor:
        """Return what is to be added to the coarse points (B, K, 2), by the input at one scale."""
        places = (coarse - self.middle) * scale  # from the input's middle
        if not self.flip_test:
            return self.fine_head.offsets(self._look(features, places + self.middle)) / scale
        middles = torch.cat([places, self._mirrored(places)]) + self.middle
        plain, mirror = self.fine_head.offsets(self._look(features, middles)).chunk(2)
        return (plain + self._mirrored(mirror)) / (2 * scale)

    def _mirrored(self, vectors: Tensor) -> Tensor:
        """Return vectors (B, K, 2) of the mirrored skeleton: left is right, and x is turned."""
        rows = [vectors[:, row] for row in self.skeleton.flip_order]
        swapped = torch.stack(rows, dim=1)
        return torch.stack([-swapped[..., 0], swapped[..., 1]], dim=-1)
