"""Everyone in an image at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from poseforge.codecs import PartFields
from poseforge.models.estimators.single_pass import SinglePass
from poseforge.models.heads.fields import FieldsHead
from poseforge.models.preprocessor import Normalize
from poseforge.registry import ESTIMATORS
from poseforge.structures import Batch, as_skeleton


@ESTIMATORS.register_module()
class BottomUp(SinglePass):
    """Normalise the image, backbone, neck, head; the codec puts people together from its outputs.

    Batches are of scenes: `keypoints` (B, P, K, 2), `visible` (B, P, K), `ignored` (B, Q, 4). The
    skeleton is the codec's. Training may look at images of other sizes than the codec's, which its
    cells divide.

    Args:
        backbone: From images (B, 3, H, W) to a sequence of features.
        head: From features to outputs.
        codec: How outputs and people relate.
        neck: From features to features; None passes them on.
        normalize: Arguments of `Normalize`; None brings images into 0 ... 1.
        flip_test: Average outputs with those of the mirrored input. May be set later.
        scales: Average outputs over the input enlarged by each. May be set later.

    Raises:
        ValueError: The head's numbers of keypoints, links and middles are not the codec's.
    """

    codec: PartFields

    of_scenes = True

    def __init__(
        self,
        backbone: nn.Module,
        head: FieldsHead,
        codec: PartFields,
        *,
        neck: nn.Module | None = None,
        normalize: Mapping[str, Any] | None = None,
        flip_test: bool = False,
        scales: Sequence[float] = (1.0,),
    ) -> None:
        super().__init__()
        self.skeleton = as_skeleton(codec.skeleton)
        keypoints = self.skeleton.num_keypoints
        given = head.num_keypoints, head.field_channels, head.map_channels
        wanted = keypoints, 2 * len(codec.links), len(codec.parts) + 1
        if given != wanted:
            raise ValueError(
                f"the codec of skeleton '{self.skeleton.name}' needs a head with "
                f"num_keypoints={keypoints}, num_links={len(codec.links)} and "
                f"num_middles={len(codec.parts) - keypoints}; give it these"
            )
        self.normalize = Normalize(**(normalize or {}))
        self.backbone = backbone
        self.neck = nn.Identity() if neck is None else neck
        self.head = head
        if head.predicts("maps", 0) and head.predicts("fields", 0):
            self.stages = head.stages  # each stage has all that people are made of
        self.codec = codec
        self.flip_test = flip_test
        self.scales = tuple(scales)

    def _targets(self, batch: Batch) -> dict[str, Tensor]:
        height, width = batch["image"].shape[-2:]
        codec = self.codec
        if codec.input_size != (width, height):
            codec = replace(codec, input_size=(width, height))
        return codec.encode(batch["keypoints"], batch["visible"], batch.get("ignored"))
