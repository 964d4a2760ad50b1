"""PCP: the percentage of limbs whose two ends are where they should be."""

from typing import Literal

import numpy as np

from poseforge.evaluation.shares import Measured, ShareOfHits
from poseforge.registry import METRICS
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.skeleton import End, names_of

Rule = Literal["strict", "loose"]
MEANINGS = {
    "strict": "both ends within",
    "loose": "the mean of both ends' errors within",
}
VERSION = "v1"


@METRICS.register_module()
class PCP(ShareOfHits):
    """Percentage of correct parts: limbs with their ends within half of the limb's length.

    Strict demands it of both ends, as the Leeds Sports Pose evaluation toolkit does (Ferrari et
    al., "Progressive Search Space Reduction for Human Pose Estimation", CVPR 2008, as Pishchulin et
    al. read it in 2012); loose of the mean of the two errors, as in DeepPose's time. Loose is three
    to five points the higher. The total is over all limbs; papers also print means over four or six
    kinds of limb.

    A limb of length zero is right only where both of its ends are exact.

    Args:
        rule: "strict" or "loose".
        threshold: Of the limb's own true length.

    Raises:
        ValueError: The rule is not known, or the threshold is not positive.
    """

    def __init__(self, rule: Rule = "strict", threshold: float = 0.5) -> None:
        if rule not in MEANINGS:
            raise ValueError(f"rule='{rule}' is not known; choose one of {', '.join(MEANINGS)}")
        super().__init__(f"PCP {rule}", (threshold,), auc_to=0.5, auc_steps=51)
        self.rule = rule

    def measure(self, keypoints: Floats, truth: People, skeleton: Skeleton) -> Measured:
        if not skeleton.limbs:
            raise ValueError(
                f"skeleton '{skeleton.name}' has no limbs to measure; name them in its 'limbs', a "
                "title and pairs of keypoints"
            )
        limbs = [limb for group in skeleton.limbs.values() for limb in group]
        starts, ends = zip(*limbs, strict=True)
        true_start, true_end = (_places(truth.keypoints, e, skeleton) for e in (starts, ends))
        found_start, found_end = (_places(keypoints, e, skeleton) for e in (starts, ends))
        errors = np.stack([_length(found_start - true_start), _length(found_end - true_end)])
        worst = errors.max(axis=0) if self.rule == "strict" else errors.mean(axis=0)  # (N, L)
        labelled = _labelled(truth.visible, starts, skeleton)
        labelled &= _labelled(truth.visible, ends, skeleton)
        distances = _in_lengths(worst, _length(true_end - true_start))
        distances[~labelled] = np.nan
        groups, first = {}, 0
        for title, group in skeleton.limbs.items():
            groups[title] = range(first, first + len(group))
            first += len(group)
        return Measured(distances, tuple(_name(limb) for limb in limbs), groups)

    def specification(self, skeleton: Skeleton) -> str:
        limbs = sum(len(group) for group in skeleton.limbs.values())
        return (
            f"{self.name}@{self.thresholds[0]:g}[{MEANINGS[self.rule]} the limb's own length, ≤, "
            f"{limbs} limbs, micro mean, AUC 0-{self.auc_to:g} in {self.auc_steps} thresholds, "
            f"{VERSION}]"
        )


def _places(points: Floats, ends: tuple[End, ...], skeleton: Skeleton) -> Floats:
    """Return where the limbs' ends are: (N, K, 2) to (N, L, 2)."""
    places = [
        points[:, skeleton.indices(names_of(end))].astype(np.float64).mean(axis=1) for end in ends
    ]
    return np.stack(places, axis=1)


def _labelled(visible: Floats, ends: tuple[End, ...], skeleton: Skeleton) -> np.ndarray:
    columns = [(visible[:, skeleton.indices(names_of(end))] > 0).all(axis=1) for end in ends]
    return np.stack(columns, axis=1)


def _length(offsets: Floats) -> Floats:
    return np.hypot(offsets[..., 0], offsets[..., 1])


def _in_lengths(errors: Floats, lengths: Floats) -> Floats:
    """Divide; an error of a limb of length zero is infinite but where it is zero, NaN is a miss."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = errors / lengths
    relative[errors == 0] = 0
    relative[np.isnan(errors)] = np.inf
    return relative


def _name(limb: tuple[End, End]) -> str:
    return "-".join("+".join(names_of(end)) for end in limb)
