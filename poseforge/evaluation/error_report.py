"""How often each kind of error occurs, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.base import Interval, Statistic
from poseforge.evaluation.errors import ERRORS, Kind
from poseforge.evaluation.intervals import bootstrap, percentile_intervals
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats

KINDS = (Kind.GOOD, *ERRORS)


@dataclass(frozen=True)
class Share:
    """How often something is the case.

    Attributes:
        count: Joints.
        percent: Of all scored joints; NaN where none is.
        interval: Its 95 % interval, over test sets drawn from this one's images.
    """

    count: int
    percent: float
    interval: Interval


@dataclass(frozen=True)
class ErrorReport:
    """What the predicted joints are.

    Attributes:
        total: Each kind's share of all joints.
        joints: The same by keypoint.
        people: How many people have a scored joint.
    """

    total: Mapping[Kind, Share]
    joints: Mapping[str, Mapping[Kind, Share]]
    people: int


def report_errors(kinds: NDArray[np.int8], truth: People, skeleton: Skeleton) -> ErrorReport:
    """Count the kinds of error.

    Args:
        kinds: (N, K) as `error_kinds` returns them.
        truth: The N people.
        skeleton: What the keypoints are.
    """
    statistic = _KindShares(kinds, truth.image_rows)
    percents = statistic(np.ones((1, statistic.num_images)))[0]
    ends = percentile_intervals(bootstrap(statistic, np.random.default_rng(0)))
    counts = np.stack([(kinds == kind).sum(axis=0) for kind in KINDS], axis=-1)  # (K, 5)
    counts = np.vstack([counts.sum(axis=0), counts])
    shares = iter(
        Share(int(count), float(percent), (float(low), float(high)))
        for count, percent, (low, high) in zip(counts.flat, percents, ends, strict=True)
    )
    total, *joints = [{kind: next(shares) for kind in KINDS} for _ in counts]
    return ErrorReport(
        total=total,
        joints=dict(zip(skeleton.keypoints, joints, strict=True)),
        people=int((kinds != Kind.UNSCORED).any(axis=-1).sum()),
    )


class _KindShares(Statistic):
    """Percentages of the kinds: of all joints, then keypoint by keypoint."""

    def __init__(self, kinds: NDArray[np.int8], image_rows: NDArray[np.int64]) -> None:
        num_keypoints = kinds.shape[1]
        self.num_images = int(image_rows.max(initial=-1)) + 1
        rows = ("total", *map(str, range(num_keypoints)))
        self.names = tuple(f"{row} {kind.name.lower()}" for row in rows for kind in KINDS)
        self._counts = np.zeros((self.num_images, num_keypoints, len(KINDS)))
        for column, kind in enumerate(KINDS):
            np.add.at(self._counts[..., column], image_rows, kinds == kind)

    def __call__(self, weights: Floats) -> Floats:
        counts = np.tensordot(weights, self._counts, axes=1)  # (R, K, 5)
        counts = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
        scored = counts.sum(axis=-1, keepdims=True)
        shares: Floats = 100 * counts / np.where(scored > 0, scored, np.nan)
        return shares.reshape(len(weights), -1)
