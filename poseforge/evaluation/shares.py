"""What PCK, PCKh, PDJ and PCP have in common: shares of hits over a grid of thresholds."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from poseforge.evaluation.base import ComparableMetric, Curve, Interval, Report
from poseforge.evaluation.distances import check_shapes
from poseforge.evaluation.hits import HitShares
from poseforge.evaluation.intervals import numbers_with_intervals
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats

TOTAL = "Mean"


@dataclass(frozen=True)
class Measured:
    """Distances, and what they are distances of.

    Attributes:
        distances: (N, J) in reference lengths; NaN does not count, infinite is a miss.
        parts: (J,) names: keypoints or limbs.
        groups: Columns of the table: a title and rows of `parts`.
        notes: Who was left out, and why.
    """

    distances: Floats
    parts: tuple[str, ...]
    groups: Mapping[str, Sequence[int]]
    notes: tuple[str, ...] = field(default=())


class ShareOfHits(ComparableMetric):
    """The percentage of parts within a threshold: in total, per group and part, and as a curve.

    A group's number is the mean of its parts' numbers, as the toolkits of LSP and MPII print it.

    Args:
        name: What the number is called.
        thresholds: In reference lengths; the first is the headline and the columns' threshold.
        auc_to: The last threshold of the area under the curve, which begins at 0.
        auc_steps: Thresholds of that area, both ends included.
        macro: Whether the total is the mean of the parts' shares, instead of the share of all
            labelled parts (micro).

    Raises:
        ValueError: A threshold is not positive, or there are fewer than two steps.
    """

    def __init__(
        self,
        name: str,
        thresholds: Sequence[float],
        *,
        auc_to: float,
        auc_steps: int,
        macro: bool = False,
    ) -> None:
        if not thresholds or not min(*thresholds, auc_to, auc_to) > 0:
            raise ValueError(
                f"thresholds={tuple(thresholds)} with auc_to={auc_to} cannot be scored; give one "
                "threshold at least, all positive fractions of the reference length"
            )
        if auc_steps < 2:
            raise ValueError(f"auc_steps={auc_steps} spans no area; give 2 or more")
        self.name = name
        self.thresholds = tuple(thresholds)
        self.auc_to = auc_to
        self.auc_steps = auc_steps
        self.macro = macro

    @abstractmethod
    def measure(self, keypoints: Floats, truth: People, skeleton: Skeleton) -> Measured:
        """Return the distances that the thresholds are held against."""

    @abstractmethod
    def specification(self, skeleton: Skeleton) -> str:
        """Return the protocol in one line, with everything that changes the number."""

    def statistic(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> HitShares:
        check_shapes(keypoints, truth, skeleton)
        return self._statistic(self.measure(keypoints, truth, skeleton), truth)

    def __call__(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Report:
        check_shapes(keypoints, truth, skeleton)
        measured = self.measure(keypoints, truth, skeleton)
        people = int((~np.isnan(measured.distances)).any(axis=-1).sum())
        if not people:
            raise ValueError(
                f"none of {len(truth)} people has what {self.specification(skeleton)} is measured "
                "at and by; choose another reference or other people"
            )
        statistic = self._statistic(measured, truth)
        found = numbers_with_intervals(statistic)
        headline, *others = self._values()
        named = [*measured.groups, TOTAL]
        columns = {title: found[f"{title}@{self.thresholds[0]:g}"][0] for title in named}
        columns.update({name.removeprefix(self.name): found[name][0] for name in others})
        parts = {part: found[f"{part}@{self.thresholds[0]:g}"] for part in measured.parts}
        return Report(
            metric=self.specification(skeleton),
            values={name: found[name][0] for name in (headline, *others)},
            intervals={name: found[name][1] for name in (headline, *others)},
            columns=columns,
            people=people,
            notes=measured.notes,
            joints={part: value for part, (value, _) in parts.items()},
            joint_intervals={part: interval for part, (_, interval) in parts.items()},
            curves={
                title: _curve([found[f"{title}@{t:g}"] for t in statistic.thresholds], statistic)
                for title in (TOTAL, *measured.parts)
            },
        )

    def _statistic(self, measured: Measured, truth: People) -> HitShares:
        parts = {part: [row] for row, part in enumerate(measured.parts)}
        return HitShares(
            measured.distances,
            truth.image_rows,
            self._grid(),
            rows={**measured.groups, TOTAL: range(len(measured.parts)), **parts},
            numbers={name: (TOTAL, weights) for name, weights in self._values().items()},
            macro=[*measured.groups, *([TOTAL] if self.macro else [])],
        )

    def _values(self) -> dict[str, Floats]:
        """Return each value's name and its weights over the grid; the headline is the first."""
        grid = self._grid()
        values = {
            f"{self.name}@{t:g}": (grid == _rounded(t)).astype(float) for t in self.thresholds
        }
        trapezoid = np.ones(self.auc_steps)
        trapezoid[[0, -1]] = 0.5
        area = np.isin(grid, self._auc_grid()).astype(float)
        area[area > 0] = trapezoid / trapezoid.sum()
        return {**values, "AUC": area}

    def _grid(self) -> Floats:
        """Return all thresholds that something is scored at, (T,) ascending."""
        return np.union1d(self._auc_grid(), _rounded(self.thresholds))

    def _auc_grid(self) -> Floats:
        return _rounded(np.linspace(0, self.auc_to, self.auc_steps))


def _rounded(thresholds: float | Sequence[float] | Floats) -> Floats:
    """Make 0.1 and 10 * 0.01 one threshold."""
    return np.round(np.asarray(thresholds, dtype=np.float64), 12)


def _curve(points: list[tuple[float, Interval]], statistic: HitShares) -> Curve:
    values = tuple(value for value, _ in points)
    low, high = zip(*(interval for _, interval in points), strict=True)
    return Curve(tuple(statistic.thresholds.tolist()), values, tuple(low), tuple(high))
