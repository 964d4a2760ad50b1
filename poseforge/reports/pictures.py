"""The pictures of an evaluation."""

import textwrap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.evaluation.base import Report
from poseforge.evaluation.errors import ERRORS, Kind, worst_people
from poseforge.reports.diagnosis import Diagnosis
from poseforge.reports.evaluation import Evaluation, Scored
from poseforge.structures import Skeleton, affine
from poseforge.structures.affine import Floats
from poseforge.transforms import Read
from poseforge.visualization import save_image
from poseforge.visualization.calibration_plot import plot_calibration
from poseforge.visualization.error_kinds import plot_error_kinds
from poseforge.visualization.gallery import gallery
from poseforge.visualization.joint_bars import plot_joint_bars
from poseforge.visualization.metric_curves import plot_metric_curves

SHEET = 16  # people on the sheet of predictions
WORST = 8  # people on the sheet of each kind of error
TITLE_WIDTH = 100  # letters in a line above a plot


def write_plots(folder: Path, evaluation: Evaluation) -> None:
    """Write curves and bars of every metric that has them, and errors and calibration of models.

    Of more than two models, which are the stages of one, curves and bars show the first and last.
    """
    skeleton = evaluation.truth.skeleton
    shown = evaluation.models[:: max(1, len(evaluation.models) - 1)]
    for reports in zip(*(model.reports for model in shown), strict=True):
        models = {model.label: report for model, report in zip(shown, reports, strict=True)}
        if set(reports[0].joints) <= set(skeleton.keypoints) and reports[0].joints:
            _plot_metric(folder, models, skeleton)
    for number, model in enumerate(evaluation.models):
        if model.diagnosis is not None:
            _plot_model(folder, model, model.diagnosis, _suffix(evaluation, number), skeleton)


def write_people(folder: Path, evaluation: Evaluation, dataset: PoseDataset) -> None:
    """Write sheets of people: evenly chosen ones, and the worst of each kind of error."""
    for number, model in enumerate(evaluation.models):
        if model.diagnosis is None:
            continue
        suffix = _suffix(evaluation, number)
        kinds = model.diagnosis.kinds
        people = np.linspace(0, len(kinds) - 1, min(SHEET, len(kinds))).round().astype(np.int64)
        _sheet(folder / f"predictions{suffix}.jpg", model.diagnosis, dataset, people, kinds > 0)
        for kind in ERRORS:
            worst = worst_people(kinds, kind, WORST)
            if len(worst):
                path = folder / f"worst_{kind.name.lower()}{suffix}.jpg"
                _sheet(path, model.diagnosis, dataset, worst, kinds == kind)


def _suffix(evaluation: Evaluation, number: int) -> str:
    """Tell the files of several models apart."""
    return f"_{number + 1}" if len(evaluation.models) > 1 else ""


def _plot_metric(folder: Path, models: dict[str, Report], skeleton: Skeleton) -> None:
    first = next(iter(models.values()))
    headline = next(iter(first.values))
    # A metric's file is called after it: PCK@0.2 is pck.
    name = "".join(c if c.isalnum() else "_" for c in headline.partition("@")[0].lower())
    unit = headline if headline.endswith(("%", "px")) else f"{headline} / %"
    bars = {
        label: {
            joint: (value, *report.joint_intervals[joint]) for joint, value in report.joints.items()
        }
        for label, report in models.items()
    }
    plot_joint_bars(
        bars,
        folder / f"{name}_joints.png",
        skeleton,
        title=textwrap.fill(first.metric, TITLE_WIDTH),
        xlabel=unit,
        full_scale=100.0 if first.higher_is_better else None,
    )
    if first.curves:
        curves = {
            label: {
                title: (
                    np.array(curve.thresholds),
                    np.array(curve.values),
                    np.array(curve.low),
                    np.array(curve.high),
                )
                for title, curve in report.curves.items()
            }
            for label, report in models.items()
        }
        plot_metric_curves(
            curves,
            folder / f"{name}_curves.png",
            skeleton,
            title=textwrap.fill(first.metric, TITLE_WIDTH),
            ylabel=f"{headline.partition('@')[0]} / %",
        )


def _plot_model(
    folder: Path, model: Scored, diagnosis: Diagnosis, suffix: str, skeleton: Skeleton
) -> None:
    findings = diagnosis.findings
    names = list(findings.kinds)
    shares = [[findings.joints[k][name].percent for name in names] for k in skeleton.keypoints]
    plot_error_kinds(
        np.array(shares),
        names,
        folder / f"errors{suffix}.png",
        skeleton,
        score=findings.score,
        mended={name: findings.score + findings.kinds[name].gain for name in names[1:]},
        title=f"{model.label}: good is {findings.good}",
        metric=findings.metric,
    )
    scores = diagnosis.poses.scores
    judged = (diagnosis.kinds != Kind.UNSCORED) & np.isfinite(scores)
    # A file without confidences has the same one everywhere: there is nothing to calibrate.
    if np.unique(scores[judged]).size > 1:
        plot_calibration(
            scores[judged],
            diagnosis.kinds[judged] == Kind.GOOD,
            folder / f"calibration{suffix}.png",
            title=model.label,
            correct_means=findings.good,
        )


def _sheet(
    path: Path,
    diagnosis: Diagnosis,
    dataset: PoseDataset,
    rows: NDArray[np.int64],
    wrong: NDArray[np.bool_],
) -> None:
    people, skeleton = dataset.people[rows], dataset.skeleton
    rng = np.random.default_rng(0)  # Read draws nothing from it
    samples = {name: number for number, name in enumerate(dataset.sample_names.tolist())}
    # A scene is called after its image, any other sample after its person.
    named = people.ids if people.ids[0] in samples else people.image_names
    shown = [Read()(dataset[samples[name]], rng) for name in named.tolist()]

    def moved(keypoints: Floats) -> Floats:
        """Return points (N, K, 2) of images as points of what is shown, perhaps a part of them."""
        pairs = zip(shown, keypoints, strict=True)
        return np.stack([affine.apply(sample["matrix"], points) for sample, points in pairs])

    picture = gallery(
        [sample["image"] for sample in shown],
        moved(diagnosis.poses.keypoints[rows]),
        moved(people.keypoints),
        people.visible,
        skeleton,
        captions=[
            _caption(str(name), kinds)
            for name, kinds in zip(people.ids, diagnosis.kinds[rows], strict=True)
        ],
        wrong=wrong[rows],
    )
    save_image(path, picture)


def _caption(person: str, kinds: NDArray[np.int8]) -> str:
    counts = [(kind.name.lower(), int((kinds == kind).sum())) for kind in ERRORS]
    errors = ", ".join(f"{count} {name}" for name, count in counts if count)
    return f"{person}\n{errors or 'no error'}"
