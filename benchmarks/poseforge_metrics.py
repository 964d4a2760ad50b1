"""PoseForge's metrics, to be timed: `python -m benchmarks.poseforge_metrics FOLDER`."""

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.timed_calls import Case, serve
from poseforge.evaluation import EPE, NME, OKSAP, PCK, PCP, PDJ, PCKh
from poseforge.evaluation.base import ComparableMetric, Metric, as_detections
from poseforge.evaluation.distances import normalised_distances, pixel_distances
from poseforge.evaluation.errors import error_kinds, oks_tolerances
from poseforge.evaluation.hits import hit_curve
from poseforge.evaluation.pycocotools_numbers import pycocotools_numbers
from poseforge.structures import SKELETONS, People, Skeleton
from poseforge.structures.affine import Floats

CURVE = np.linspace(0, 0.5, 51)
SCORED = [joint for joint in range(16) if joint not in (6, 7)]  # MPII's, without pelvis and thorax


@dataclass(frozen=True)
class Scene:
    """People and predictions.

    Attributes:
        predicted: (N, K, 2) pixels.
        scores: (N, K).
        truth: N people.
        skeleton: What the keypoints are.
    """

    predicted: Floats
    scores: Floats
    truth: People
    skeleton: Skeleton


def read_scene(path: Path) -> Scene:
    """Read a file `<skeleton>-<people>.npz` of arrays as `made_up` makes them."""
    with np.load(path) as file:
        arrays = dict(file)
    predicted, scores = arrays.pop("predicted"), arrays.pop("scores")
    truth = People(image_paths=arrays["image_ids"], **arrays)
    return Scene(predicted, scores, truth, SKELETONS[path.stem.partition("-")[0]])


def distances(scene: Scene) -> Floats:
    """Return (N, K) distances in pixels."""
    return pixel_distances(scene.predicted, scene.truth.keypoints, scene.truth.visible)


def in_heads(scene: Scene) -> Floats:
    """Return (N, K) distances in head sizes."""
    return normalised_distances(distances(scene), scene.truth.head_sizes.astype(np.float64))


def curves(relative: Floats, thresholds: Floats) -> Floats:
    """Return (K, T) each joint's percentages."""
    return np.stack([hit_curve(joint, thresholds) for joint in relative.T])


def pck(scene: Scene) -> Floats:
    """Return each joint's share within 0.2 head sizes."""
    return curves(in_heads(scene), np.array([0.2]))[:, 0] / 100


def auc(scene: Scene) -> Floats:
    """Return the mean over joints and over 20 thresholds up to 47.5 px."""
    return [curves(distances(scene) / 50, np.arange(20) / 20).mean() / 100]


def pckh_curve(scene: Scene) -> Floats:
    """Compute the curves of the 14 scored joints and of all of them; return PCKh at 0.5 and 0.1."""
    relative = in_heads(scene)[:, SCORED]
    curves(relative, CURVE)
    return hit_curve(relative, CURVE)[[50, 10]]


FUNCTIONS: Mapping[str, Case[Scene]] = {
    "PCK@0.2 of each joint": pck,
    "AUC over 20 thresholds": auc,
    "PCKh with its curve": pckh_curve,
    "EPE": lambda scene: [np.nanmean(distances(scene))],
    "NME": lambda scene: [np.nanmean(in_heads(scene))],
}
METRICS: Mapping[str, ComparableMetric] = {
    "PCK": PCK(),
    "PCKh": PCKh(),
    "PDJ": PDJ(),
    "PCP strict": PCP("strict"),
    "EPE": EPE(),
    "NME": NME(),
    "OKSAP": OKSAP(),
}
INTERVALS = "with 1000 resamples"


def report(metric: Metric) -> Case[Scene]:
    """Return the whole metric, intervals included; its numbers are the report's values."""

    def call(scene: Scene) -> list[float]:
        found = metric(scene.predicted, scene.scores, scene.truth, scene.skeleton)
        return list(found.values.values())

    return call


def numbers(metric: ComparableMetric) -> Case[Scene]:
    """Return all numbers of a metric without intervals."""

    def call(scene: Scene) -> Floats:
        statistic = metric.statistic(scene.predicted, scene.scores, scene.truth, scene.skeleton)
        return statistic(np.ones((1, statistic.num_images)))[0]

    return call


def by_pycocotools(scene: Scene) -> Floats:
    """Return COCO's ten numbers without intervals."""
    found = as_detections(scene.predicted, scene.scores, scene.truth)
    return pycocotools_numbers(found, scene.truth, scene.skeleton)


def kinds(scene: Scene) -> Floats:
    """Say what each joint is; return how many there are of each kind."""
    tolerances = oks_tolerances(scene.truth, scene.skeleton)
    found = error_kinds(scene.predicted, scene.truth, scene.skeleton, tolerances)
    return np.bincount(found.ravel() + 1)


def cases() -> dict[str, Case[Scene]]:
    """Return what can be timed here, by name."""
    found = dict(FUNCTIONS)
    for name, metric in METRICS.items():
        found[f"{name}, all numbers"] = numbers(metric)
        found[f"{name} {INTERVALS}"] = report(metric)
    return {**found, "OKSAP by pycocotools": by_pycocotools, "error kinds": kinds}


if __name__ == "__main__":
    files = sorted(Path(sys.argv[1]).glob("*.npz"))
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    serve(cases(), {path.stem: read_scene(path) for path in files}, versions)
