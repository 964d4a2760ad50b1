"""The metric contract: arrays in, a report out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from poseforge.structures import Detections, People, Skeleton
from poseforge.structures.affine import Floats

Interval = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A number over thresholds, with its band.

    Attributes:
        thresholds: (T,) ascending.
        values: (T,) in the metric's unit.
        low: (T,) lower ends of the 95 % intervals.
        high: (T,) upper ends.
    """

    thresholds: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


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
        joints: The headline number of each keypoint, by name.
        joint_intervals: Their 95 % intervals.
        curves: Curves by title: "Mean", then keypoints by name.
        higher_is_better: Whether a larger headline is the better one.
    """

    metric: str
    values: dict[str, float]
    columns: dict[str, float]
    people: int
    intervals: dict[str, Interval] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=())
    joints: dict[str, float] = field(default_factory=dict)
    joint_intervals: dict[str, Interval] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    higher_is_better: bool = True


class Statistic(ABC):
    """Numbers as a function of how often each image counts.

    With every weight 1 they are the numbers of the test set; with weights drawn at random they are
    those of another test set of the same kind: all that intervals and comparisons need to know.

    Attributes:
        names: (V,) what the numbers are called.
        num_images: G, how many images there are.
    """

    names: tuple[str, ...]
    num_images: int

    @abstractmethod
    def __call__(self, weights: Floats) -> Floats:
        """Return the numbers of R weighted test sets.

        Args:
            weights: (R, G) how often each image counts, in the order of `People.image_rows`.

        Returns:
            (R, V); NaN where the images of a set have nothing to score.
        """


def left_out(reasons: Mapping[str, int], total: str) -> tuple[str, ...]:
    """Return a note for each reason why some of `total`, such as "9 people", do not count."""
    return tuple(
        f"{count} of {total} left out: {reason}" for reason, count in reasons.items() if count
    )


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


class ComparableMetric(Metric):
    """A metric whose numbers can be resampled, so that two models can be compared by it."""

    higher_is_better: bool = True

    @abstractmethod
    def statistic(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Statistic:
        """Return the numbers as a function of the images' weights; the first is the headline.

        Takes and raises what calling the metric does.
        """


class DetectionMetric(ComparableMetric):
    """A metric for poses that nobody has assigned to people, any number an image."""

    @abstractmethod
    def of_detections(self, detections: Detections, truth: People, skeleton: Skeleton) -> Report:
        """Score M poses against all people of the images, crowds included.

        Args:
            detections: Poses, in images that `truth` has.
            truth: People in any order.
            skeleton: What the keypoints are.

        Raises:
            ValueError: A pose is in an image that the truth does not have, or K differs.
        """

    @abstractmethod
    def statistic_of_detections(
        self, detections: Detections, truth: People, skeleton: Skeleton
    ) -> Statistic:
        """Return the numbers as a function of the images' weights; the first is the headline."""

    def __call__(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Report:
        return self.of_detections(as_detections(keypoints, scores, truth), truth, skeleton)

    def statistic(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Statistic:
        detections = as_detections(keypoints, scores, truth)
        return self.statistic_of_detections(detections, truth, skeleton)


def as_detections(keypoints: Floats, scores: Floats, people: People) -> Detections:
    """Forget whose poses they are: a pose for each person's box becomes a detection.

    It is ranked by the mean of its keypoints' scores times the score of the box where that has one,
    as Sun et al., "Deep High-Resolution Representation Learning", CVPR 2019, rank theirs (without
    their cut of joints below 0.2). A pose without any number becomes no detection.
    """
    missing = np.isnan(keypoints).any(axis=-1)  # (N, K)
    found = ~missing.all(axis=-1)
    ranked = np.where(missing, 0, scores).mean(axis=-1)
    if len(people.box_scores):
        ranked = ranked * people.box_scores
    return Detections(people.image_names[found], keypoints[found], scores[found], ranked[found])
