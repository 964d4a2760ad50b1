"""One person at a time, cropped beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from poseforge.codecs.base import Codec
from poseforge.models.estimators.single_pass import SinglePass
from poseforge.models.heads.base import Head
from poseforge.models.preprocessor import Normalize
from poseforge.registry import ESTIMATORS
from poseforge.structures import Skeleton, as_skeleton


@ESTIMATORS.register_module()
class TopDown(SinglePass):
    """Normalise the crop, backbone, neck, head; its outputs are decoded by the codec.

    Args:
        backbone: From images (B, 3, H, W) to a sequence of features.
        head: From features to outputs.
        codec: How outputs and coordinates relate.
        skeleton: A known name, a dict of fields, or a skeleton.
        neck: From features to features; None passes them on.
        normalize: Arguments of `Normalize`; None brings images into 0 ... 1.
        flip_test: Average predictions with those of the mirrored input. May be set later.
        scales: Average predictions over the input enlarged by each. May be set later.

    Raises:
        ValueError: The head and the skeleton have different numbers of keypoints.
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
        flip_test: bool = False,
        scales: Sequence[float] = (1.0,),
    ) -> None:
        super().__init__()
        self.skeleton = as_skeleton(skeleton)
        if head.num_keypoints != self.skeleton.num_keypoints:
            raise ValueError(
                f"the head has num_keypoints={head.num_keypoints} but the skeleton "
                f"'{self.skeleton.name}' has {self.skeleton.num_keypoints}; make them agree"
            )
        self.normalize = Normalize(**(normalize or {}))
        self.backbone = backbone
        self.neck = nn.Identity() if neck is None else neck
        self.head = head
        self.stages = head.stages
        self.codec = codec
        self.flip_test = flip_test
        self.scales = tuple(scales)
