"""Score published predictions and compare with the numbers that were published for them.

    POSEFORGE_DATA=data python -m benchmarks.published

The folder `golden/` of the data folder holds the files, as their authors have published them:

| file | from |
|---|---|
| lsp-joints-PC.mat, lsp-joints-OC.mat, flic-joints-test-oc.mat | bearpaw/eval_pose |
| cpm_lsp.mat, cpm_flic.mat | shihenw/convolutional-pose-machines-release |
| mpii_valid_headboxes_tompson.mat, *_mpii_valid.h5 | princeton-vl/pose-hg-train |
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmarks.result import RESULTS, Result, write_result
from poseforge.datasets import find_data_root
from poseforge.evaluation import PCK, PCP, PDJ, Metric, PCKh, Report
from poseforge.formats.predictions import read_predictions
from poseforge.formats.truth import read_truth
from poseforge.profiling.result_file import new_result
from poseforge.reports.evaluation import Scored, evaluate
from poseforge.reports.scoring import labelled_truth

CPM = "Wei et al., CVPR 2016"
RELEASE = "official protocol"
Number = Callable[[Report], tuple[float, tuple[float, float]]]


def value(name: str) -> Number:
    """Return the taker of a total."""
    return lambda report: (report.values[name], report.intervals[name])


def both_sides(joint: str) -> Number:
    """Return the taker of the mean over a left and a right joint, with the mean of their ends."""

    def take(report: Report) -> tuple[float, tuple[float, float]]:
        names = [f"{side}_{joint}" for side in ("left", "right")]
        ends = zip(*(report.joint_intervals[name] for name in names), strict=True)
        low, high = (sum(two) / 2 for two in ends)
        return sum(report.joints[name] for name in names) / 2, (low, high)

    return take


@dataclass(frozen=True)
class Published:
    """Numbers that were published for a file of predictions.

    Attributes:
        title: Of the predictions.
        truth: The file of labels.
        predictions: The file of predictions.
        numbers: What was measured: a name, how it is taken, the metric and the published number.
        source: Where the numbers are from.
    """

    title: str
    truth: str
    predictions: str
    numbers: Sequence[tuple[str, Number, Metric, float]]
    source: str = field(default=RELEASE)


STRICT, LOOSE = PCP("strict"), PCP("loose")
MPII = "mpii_valid_headboxes_tompson.mat"

ALL = (
    Published(
        "CPM on LSP, person-centric",
        "lsp-joints-PC.mat",
        "cpm_lsp.mat",
        (
            ("PCK@0.2", value("PCK@0.2"), PCK(), 84.32),
            ("AUC", value("AUC"), PCK(), 59.29),
        ),
        CPM,
    ),
    Published(
        "CPM on LSP, person-centric",
        "lsp-joints-PC.mat",
        "cpm_lsp.mat",
        (
            ("PCK@0.1", value("PCK@0.1"), PCK(), 71.16),
            ("PCP strict", value("PCP strict@0.5"), STRICT, 81.41),
            ("PCP loose", value("PCP loose@0.5"), LOOSE, 86.16),
        ),
    ),
    Published(
        "CPM on LSP, observer-centric",
        "lsp-joints-OC.mat",
        "cpm_lsp.mat",
        (("PCK@0.2", value("PCK@0.2"), PCK(), 69.46),),
    ),
    Published(
        "CPM on FLIC",
        "flic-joints-test-oc.mat",
        "cpm_flic.mat",
        (
            ("elbows, PDJ@0.2", both_sides("elbow"), PDJ(), 97.59),
            ("wrists, PDJ@0.2", both_sides("wrist"), PDJ(), 95.03),
        ),
        CPM,
    ),
    *(
        Published(
            f"{title} on MPII val",
            MPII,
            file,
            (
                ("PCKh@0.5, micro", value("PCKh@0.5"), PCKh(), micro),
                ("PCKh@0.5, macro", value("PCKh@0.5"), PCKh(macro=True), macro),
            ),
        )
        for title, file, micro, macro in (
            ("Tompson et al., CVPR 2015,", "tompson_mpii_valid.h5", 82.34, 81.46),
            ("Hourglass (Newell et al., ECCV 2016)", "newell_mpii_valid.h5", 88.43, 87.98),
        )
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the result file; return 1 where a number differs."""
    parser = argparse.ArgumentParser(description="Compare with published numbers.")
    parser.add_argument("--data-root", type=Path, help="holds golden/; default $POSEFORGE_DATA")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    options = parser.parse_args(arguments)
    try:
        result = agreement(find_data_root("golden", options.data_root))
        print(f"wrote {write_result(result, options.out)}")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for row in result["rows"]:
        print(
            f"{row['predictions']}: {row['number']} {row['measured']:.2f}, "
            f"published {row['published']:.2f}{'' if row['equal'] else '   DIFFERENT'}"
        )
    return 0 if all(row["equal"] for row in result["rows"]) else 1


def agreement(folder: Path) -> Result:
    """Return the result for the files of a folder.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A file is damaged.
    """
    result = new_result("agreement", "published", device=torch.device("cpu"), settings={})
    result["rows"], result["errors"] = [], {}
    for published in ALL:
        model, rows = _scored(published, folder)
        result["rows"] += rows
        if model.diagnosis is not None:
            findings = model.diagnosis.findings
            summary = {name: getattr(findings, name) for name in ("metric", "score", "either_side")}
            result["errors"].setdefault(published.title, summary)
    return result


def _scored(published: Published, folder: Path) -> tuple[Scored, list[dict[str, Any]]]:
    truth = labelled_truth(read_truth(folder / published.truth))
    predictions = read_predictions(
        folder / published.predictions, skeleton=truth.skeleton, ids=truth.people.ids
    )
    metrics = [metric for _, _, metric, _ in published.numbers]
    model = evaluate({published.title: predictions}, truth, metrics).models[0]
    rows = []
    for (name, take, _, expected), report in zip(published.numbers, model.reports, strict=True):
        measured, (low, high) = take(report)
        rows.append(
            {
                "predictions": published.title,
                "number": name,
                "published": expected,
                "source": published.source,
                "measured": measured,
                "low": low,
                "high": high,
                "equal": round(measured, 2) == round(expected, 2),
                "metric": report.metric,
            }
        )
    return model, rows


if __name__ == "__main__":
    sys.exit(main())
