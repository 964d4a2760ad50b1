"""Predictions against a data set's people, by any metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from poseforge.datasets.base import PoseDataset
from poseforge.evaluation.base import (
    ComparableMetric,
    DetectionMetric,
    Metric,
    Report,
    Statistic,
    as_detections,
)
from poseforge.formats.truth import Truth as Labels
from poseforge.structures import Detections, People, Predictions, Skeleton


@dataclass(frozen=True)
class Truth:
    """Whom predictions are scored against.

    Attributes:
        name: The data set's.
        skeleton: What its keypoints are.
        people: One a prediction, in any order; the boxes may be a detector's.
        everyone: Who is to be found, crowds included, for metrics that match poses by themselves.
        protocol: Which labels, and how a person's box came about, in words.
    """

    name: str
    skeleton: Skeleton
    people: People
    everyone: People
    protocol: str


def truth_of(dataset: PoseDataset) -> Truth:
    """Return what predictions for a data set's people are scored against."""
    return Truth(
        dataset.name,
        dataset.skeleton,
        dataset.people,
        dataset.truth,
        f"crop: {dataset.protocol}",
    )


def labelled_truth(labels: Labels) -> Truth:
    """Return what predictions are scored against where there are labels without images."""
    people = labels.people
    return Truth(labels.name, labels.skeleton, people[people.to_find], people, labels.protocol)


def score(
    predictions: Predictions | Detections, truth: Truth, metrics: Sequence[Metric]
) -> list[Report]:
    """Return every metric's report.

    Args:
        predictions: One pose for each of `truth.people`, in their order, or detections.
        truth: Whom they are of.
        metrics: What is measured.

    Raises:
        ValueError: A metric needs to know whose pose each is, and that is not known.
    """
    return [_report(predictions, truth, metric) for metric in metrics]


def statistic(
    predictions: Predictions | Detections, truth: Truth, metric: ComparableMetric
) -> Statistic:
    """Return one metric's numbers as a function of the images' weights; raises as `score` does."""
    if isinstance(metric, DetectionMetric):
        found = _found(predictions, truth)
        return metric.statistic_of_detections(found, truth.everyone, truth.skeleton)
    one_each = _one_each(predictions, truth, metric)
    return metric.statistic(one_each.keypoints, one_each.scores, truth.people, truth.skeleton)


def _report(predictions: Predictions | Detections, truth: Truth, metric: Metric) -> Report:
    if isinstance(metric, DetectionMetric):
        return metric.of_detections(_found(predictions, truth), truth.everyone, truth.skeleton)
    one_each = _one_each(predictions, truth, metric)
    return metric(one_each.keypoints, one_each.scores, truth.people, truth.skeleton)


def _found(predictions: Predictions | Detections, truth: Truth) -> Detections:
    if isinstance(predictions, Detections):
        return predictions
    return as_detections(predictions.keypoints, predictions.scores, truth.people)


def _one_each(predictions: Predictions | Detections, truth: Truth, metric: Metric) -> Predictions:
    if isinstance(predictions, Detections) or len(truth.people.box_scores):
        raise ValueError(
            f"{type(metric).__name__} needs to know whose pose each prediction is, and these are "
            "detections; score them with OKSAP, or predict in the annotated people's boxes"
        )
    return predictions
