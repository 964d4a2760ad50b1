"""PCK, PCKh and PDJ: the percentage of keypoints within a fraction of a reference length.

All count a distance equal to the threshold as a hit, count hidden joints as well as seen ones,
leave unlabelled joints out and take a prediction that is NaN for a miss.
"""

from collections.abc import Sequence

import numpy as np

from poseforge.evaluation.base import left_out
from poseforge.evaluation.distances import normalised_distances, pixel_distances
from poseforge.evaluation.reference import (
    Reference,
    check_reference,
    describe_reference,
    reference_lengths,
)
from poseforge.evaluation.shares import Measured, ShareOfHits
from poseforge.registry import METRICS
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats

VERSION = "v1"


@METRICS.register_module()
class PCK(ShareOfHits):
    """Percentage of correct keypoints.

    As it stands it is the Leeds Sports Pose evaluation toolkit's, person-centric and
    observer-centric labels alike: the reference is the torso from left shoulder to right hip, and
    the area under the curve is a trapezoid over thresholds from 0 to 0.2, rescaled to [0, 1]. The
    measure is from Yang and Ramanan, "Articulated Human Detection with Flexible Mixtures of Parts",
    TPAMI 2013, and the torso reference from Sapp and Taskar, "MODEC", CVPR 2013.

    Args:
        thresholds: In reference lengths; the first is the headline and the columns' threshold.
        reference: "torso", "head", "head_box", "box", "box_area", "pixels", or two keypoints;
            see `evaluation.reference`.
        auc_to: The last threshold of the area under the curve, which begins at 0.
        auc_steps: Thresholds of that area, both ends included.
        macro: Whether the total is the mean over the joints' percentages instead of the percentage
            of all labelled joints. On LSP, where nothing is missing, both are the same.
        without: Keypoints that are not scored.

    Raises:
        ValueError: A threshold is not positive, there are fewer than two steps, or the reference
            is not known.
    """

    def __init__(
        self,
        thresholds: Sequence[float] = (0.2, 0.1),
        reference: Reference | Sequence[str] = "torso",
        auc_to: float = 0.2,
        auc_steps: int = 21,
        macro: bool = False,
        without: Sequence[str] = (),
        *,
        name: str = "PCK",
    ) -> None:
        super().__init__(name, thresholds, auc_to=auc_to, auc_steps=auc_steps, macro=macro)
        self.reference = check_reference(reference)
        self.without = tuple(without)

    def measure(self, keypoints: Floats, truth: People, skeleton: Skeleton) -> Measured:
        lengths = reference_lengths(truth, skeleton, self.reference)
        distances = normalised_distances(
            pixel_distances(keypoints, truth.keypoints, truth.visible), lengths
        )
        kept = [name for name in skeleton.keypoints if name not in self.without]
        groups = {
            title: [kept.index(name) for name in names if name in kept]
            for title, names in skeleton.groups.items()
        }
        return Measured(
            distances[:, skeleton.indices(tuple(kept))],
            tuple(kept),
            {title: rows for title, rows in groups.items() if rows},
            self._notes(lengths, distances),
        )

    def specification(self, skeleton: Skeleton) -> str:
        skipped = f" but {', '.join(self.without)}" if self.without else ""
        return (
            f"{self.name}@{self.thresholds[0]:g}[{describe_reference(skeleton, self.reference)}, "
            f"≤, all labelled joints{skipped}, {'macro' if self.macro else 'micro'} mean, "
            f"AUC 0-{self.auc_to:g} in {self.auc_steps} thresholds, {VERSION}]"
        )

    def _notes(self, lengths: Floats, distances: Floats) -> tuple[str, ...]:
        missing, zero = np.isnan(lengths), lengths == 0
        unlabelled = np.isnan(distances).all(axis=-1) & ~missing & ~zero
        what = self.reference if isinstance(self.reference, str) else "-".join(self.reference)
        reasons = {
            f"their {what} is not labelled": int(missing.sum()),
            f"their {what} has length zero": int(zero.sum()),
            "they have no labelled keypoint": int(unlabelled.sum()),
        }
        return left_out(reasons, f"{len(lengths)} people")


@METRICS.register_module()
class PCKh(PCK):
    """Percentage of correct keypoints by head size, as the MPII toolkit measures it.

    The reference is 0.6 x the diagonal of the annotated head box; pelvis and thorax are not scored;
    the total is over all labelled joints; the area is under the curve from 0 to 0.5 (Andriluka et
    al., "2D Human Pose Estimation: New Benchmark and State of the Art Analysis", CVPR 2014). Others
    print the mean over joints instead (`macro`), use a threshold of 0.11 for "@0.1", or count a
    distance equal to the threshold as a miss.

    Args:
        thresholds: In head sizes; the first is the headline and the columns' threshold.
        reference: "head_box", or another one where there are no head boxes.
        auc_to: The last threshold of the area under the curve, which begins at 0.
        auc_steps: Thresholds of that area, both ends included.
        macro: Whether the total is the mean over the joints' percentages.
        without: Keypoints that are not scored.

    Raises:
        ValueError: A threshold is not positive, there are fewer than two steps, or the reference
            is not known.
    """

    def __init__(
        self,
        thresholds: Sequence[float] = (0.5, 0.1),
        reference: Reference | Sequence[str] = "head_box",
        auc_to: float = 0.5,
        auc_steps: int = 51,
        macro: bool = False,
        without: Sequence[str] = ("pelvis", "thorax"),
    ) -> None:
        super().__init__(thresholds, reference, auc_to, auc_steps, macro, without, name="PCKh")


@METRICS.register_module()
class PDJ(PCK):
    """Percentage of detected joints: by the torso's diameter, over thresholds from 0 to 0.5.

    The diameter is from left shoulder to right hip (Toshev and Szegedy, "DeepPose", CVPR 2014). For
    FLIC the columns to read are Elbow and Wrist at 0.2.

    Args:
        thresholds: In torso diameters; the first is the headline and the columns' threshold.

    Raises:
        ValueError: A threshold is not positive.
    """

    def __init__(self, thresholds: Sequence[float] = (0.2, 0.1, 0.3, 0.4, 0.5)) -> None:
        super().__init__(thresholds, "torso", auc_to=0.5, auc_steps=51, name="PDJ")
