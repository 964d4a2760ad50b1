"""What is wrong with a model's joints, and what each kind of error costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.assignment import assign
from poseforge.evaluation.base import (
    ComparableMetric,
    DetectionMetric,
    Interval,
    Metric,
)
from poseforge.evaluation.error_report import Share, report_errors
from poseforge.evaluation.errors import (
    ERRORS,
    GOOD_SIMILARITY,
    best_sides,
    error_kinds,
    mend,
    oks_tolerances,
)
from poseforge.evaluation.pck import PCK
from poseforge.evaluation.reference import describe_reference, reference_lengths
from poseforge.reports.scoring import Truth, statistic
from poseforge.structures import Detections, Predictions
from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class KindOfError:
    """One kind among all joints.

    Attributes:
        joints: How many joints are of it.
        share: Percent of all scored joints.
        interval: The share's 95 % interval.
        gain: What the headline would gain if these joints were where they belong.
    """

    joints: int
    share: float
    interval: Interval
    gain: float


@dataclass(frozen=True)
class Findings:
    """What a diagnosis says, in numbers.

    Attributes:
        good: When a joint is good, in words.
        metric: The number that gains are gains of.
        score: That number as it is.
        either_side: What it would be if each pair of joints could be the other way round.
        kinds: All kinds by name, good first.
        joints: Each keypoint's shares, by kind.
    """

    good: str
    metric: str
    score: float
    either_side: float
    kinds: Mapping[str, KindOfError]
    joints: Mapping[str, Mapping[str, Share]]


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with each joint of each person.

    Attributes:
        findings: The numbers.
        poses: (N, K) the poses that were judged, of `Truth.people`; detections are assigned.
        kinds: (N, K) int8 of `evaluation.errors.Kind`.
    """

    findings: Findings
    poses: Predictions
    kinds: NDArray[np.int8]


def diagnose(
    predictions: Predictions | Detections, truth: Truth, metrics: Sequence[Metric]
) -> Diagnosis | None:
    """Diagnose by the first metric that says how near is good: PCK and its like, or OKS.

    Args:
        predictions: One pose for each of `truth.people`, in their order, or detections.
        truth: Whom they are of.
        metrics: What was measured.

    Returns:
        The diagnosis; None where no metric says how near is good, or the boxes are a detector's.
    """
    metric = next((m for m in metrics if isinstance(m, PCK | DetectionMetric)), None)
    if metric is None or len(truth.people.box_scores):
        return None
    tolerances, good = _tolerances(metric, truth)
    poses, owners = _poses(predictions, truth)
    kinds = error_kinds(poses.keypoints, truth.people, truth.skeleton, tolerances)
    report = report_errors(kinds, truth.people, truth.skeleton)
    name, score = _headline(predictions, truth, metric)
    found = {}
    for kind, share in report.total.items():
        mended = mend(poses.keypoints, truth.people, kinds, kind)
        _, without = _headline(_moved(predictions, mended, owners), truth, metric)
        found[kind.name.lower()] = KindOfError(
            share.count, share.percent, share.interval, without - score if kind in ERRORS else 0.0
        )
    sided = best_sides(poses.keypoints, truth.people, truth.skeleton, tolerances)
    _, either_side = _headline(_moved(predictions, sided, owners), truth, metric)
    joints = {
        joint: {kind.name.lower(): share for kind, share in shares.items()}
        for joint, shares in report.joints.items()
    }
    return Diagnosis(Findings(good, name, score, either_side, found, joints), poses, kinds)


def _tolerances(metric: PCK | DetectionMetric, truth: Truth) -> tuple[Floats, str]:
    """Return (N, K) pixels within which a joint is good, and that in words."""
    people, skeleton = truth.people, truth.skeleton
    if isinstance(metric, DetectionMetric):
        return oks_tolerances(people, skeleton), f"of similarity {GOOD_SIMILARITY} or more"
    threshold = metric.thresholds[0]
    lengths = threshold * reference_lengths(people, skeleton, metric.reference)
    reference = describe_reference(skeleton, metric.reference)
    tolerances = np.repeat(lengths[:, None], skeleton.num_keypoints, axis=1)
    tolerances[:, [skeleton.index(name) for name in metric.without]] = np.nan
    return tolerances, f"within {threshold:g} of {reference}"


def _poses(
    predictions: Predictions | Detections, truth: Truth
) -> tuple[Predictions, NDArray[np.int64] | None]:
    """Return a pose for each person, and which detection each is."""
    if isinstance(predictions, Predictions):
        return predictions, None
    owners = assign(predictions, truth.people, truth.skeleton)
    found = owners >= 0
    keypoints = np.full(truth.people.keypoints.shape, np.nan)
    scores = np.full(truth.people.visible.shape, np.nan)
    keypoints[found] = predictions.keypoints[owners[found]]
    scores[found] = predictions.scores[owners[found]]
    return Predictions(truth.people.ids, keypoints, scores), owners


def _moved(
    predictions: Predictions | Detections, keypoints: Floats, owners: NDArray[np.int64] | None
) -> Predictions | Detections:
    """Return the predictions with the people's poses in other places."""
    if isinstance(predictions, Predictions) or owners is None:
        return replace(predictions, keypoints=keypoints)
    found = np.flatnonzero(owners >= 0)
    places = predictions.keypoints.astype(np.float64)
    places[owners[found]] = keypoints[found]
    return replace(predictions, keypoints=places)


def _headline(
    predictions: Predictions | Detections, truth: Truth, metric: ComparableMetric
) -> tuple[str, float]:
    numbers = statistic(predictions, truth, metric)
    return numbers.names[0], float(numbers(np.ones((1, numbers.num_images)))[0, 0])
