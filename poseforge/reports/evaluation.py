"""An evaluation: models' predictions, scored, compared and taken apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from poseforge.evaluation.base import ComparableMetric, Metric, Report
from poseforge.evaluation.comparison import Comparison, compare
from poseforge.evaluation.joining import check_detections, check_scale, join
from poseforge.reports.diagnosis import Diagnosis, diagnose
from poseforge.reports.scoring import Truth, score, statistic
from poseforge.structures import Detections, Predictions


@dataclass(frozen=True)
class Scored:
    """One model's predictions.

    Attributes:
        label: What tables call the model.
        predictions: In the truth's order, or detections.
        reports: One a metric.
        diagnosis: Its kinds of errors; None where nothing says how near is good.
    """

    label: str
    predictions: Predictions | Detections
    reports: list[Report]
    diagnosis: Diagnosis | None


@dataclass(frozen=True)
class Evaluation:
    """What is published of a set of predictions.

    Attributes:
        truth: Whom they are of.
        models: Models, or stages of one.
        comparisons: Of two models, by every number of every metric.
    """

    truth: Truth
    models: list[Scored]
    comparisons: list[Comparison]

    @property
    def rows(self) -> list[tuple[str, Report]]:
        """Labels and reports, metric by metric."""
        metrics = zip(*(model.reports for model in self.models), strict=True)
        labels = [model.label for model in self.models]
        return [row for reports in metrics for row in zip(labels, reports, strict=True)]

    @property
    def protocol(self) -> str:
        """Who was scored, in words."""
        truth = self.truth
        return f"{truth.name}, {len(truth.people)} people; {truth.protocol}"


def bring_together(
    label: str, given: Predictions | Detections, truth: Truth
) -> Predictions | Detections:
    """Return predictions from elsewhere in the truth's order, joined by id, after a look at them.

    Args:
        label: What the message calls them.
        given: One pose a person in any order, or detections.
        truth: Whom they are of.

    Raises:
        ValueError: They are not for these people and keypoints, or in other units.
    """
    try:
        if isinstance(given, Detections):
            check_detections(given, truth.everyone)
            return given
        joined = join(given, truth.people)
        check_scale(joined, truth.people)
    except ValueError as error:
        raise ValueError(f"{label}: {error}") from error
    return joined


def evaluate(
    predictions: Mapping[str, Predictions | Detections],
    truth: Truth,
    metrics: Sequence[Metric],
    *,
    compared: bool = False,
) -> Evaluation:
    """Score models.

    Args:
        predictions: Labels and predictions: in the truth's order, or detections.
        truth: Whom they are of.
        metrics: What is measured; the first is what errors are diagnosed by.
        compared: Whether two models are compared with each other.

    Raises:
        ValueError: A metric cannot score the predictions.
    """
    models = [
        Scored(label, given, score(given, truth, metrics), diagnose(given, truth, metrics))
        for label, given in predictions.items()
    ]
    comparisons = _compare(models[0], models[1], truth, metrics) if compared else []
    return Evaluation(truth, models, comparisons)


def _compare(a: Scored, b: Scored, truth: Truth, metrics: Sequence[Metric]) -> list[Comparison]:
    return [
        comparison
        for metric, report in zip(metrics, a.reports, strict=True)
        if isinstance(metric, ComparableMetric)
        for comparison in compare(
            statistic(a.predictions, truth, metric),
            statistic(b.predictions, truth, metric),
            np.random.default_rng(0),
            names=tuple(report.values),
            higher_is_better=metric.higher_is_better,
        )
    ]
