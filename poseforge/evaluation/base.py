"""The metric contract: arrays in, a report out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class Report:
    """Numbers of one metric.

    Attributes:
        metric: The metric's specification in one line, with everything that changes the number.
        values: Scalars by name, percent where the metric is one; the first is the headline.
        columns: Table columns (titles to values) in print order.
        people: How many people were scored.
        intervals: 95 % intervals (low, high) of the values that have one, in their unit.
        notes: What a reader must know, such as people left out.
    """

    metric: str
    values: dict[str, float]
    columns: dict[str, float]
    people: int
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=())


class Metric(ABC):
    """Score predictions against the truth. Knows no globals and no paths."""

    @abstractmethod
    def __call__(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Report:
        """Score N people.

        Args:
            keypoints: (N, K, 2) predictions, image pixels; NaN is a miss.
            scores: (N, K) confidences.
            truth: The N people in the same order.
            skeleton: What the keypoints are.

        Raises:
            ValueError: The arrays disagree in shape.
        """
