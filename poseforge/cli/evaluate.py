"""`poseforge evaluate --dataset NAME --predictions FILE [FILE]`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

import poseforge
from poseforge.files import write_text

if TYPE_CHECKING:
    from poseforge.datasets.base import PoseDataset
    from poseforge.evaluation.base import Metric
    from poseforge.reports.evaluation import Evaluation
    from poseforge.reports.scoring import Truth

HELP = "Score files of predictions, without a model; compare two of them."

# The half that each public data set is tested on, as configs name it.
PUBLIC: dict[str, dict[str, Any]] = {
    "lsp": dict(type="LSP", split="test"),
    "mpii": dict(type="MPII", split="valid"),
    "flic": dict(type="FLIC", split="test"),
    "coco": dict(type="CocoKeypoints", split="val"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help=f"{', '.join(PUBLIC)}, or a config, whose test set and metrics are taken",
    )
    parser.add_argument(
        "--predictions",
        nargs="+",
        type=Path,
        required=True,
        metavar="FILE",
        help="one file, or two to compare: .npz, .json (ours or COCO results), .mat, .h5",
    )
    parser.add_argument(
        "--ground-truth",
        type=Path,
        metavar="FILE",
        help="labels without images in place of the data set's: .mat, .h5, .json, .npz",
    )
    parser.add_argument(
        "--metric",
        nargs="+",
        default=[],
        help="PCK, PCKh, PDJ, PCP, EPE, NME, OKSAP, …, with arguments in brackets: "
        "\"PCK(reference='box')\"; default what the data set is published with",
    )
    parser.add_argument("--json", type=Path, help="write the report to this JSON file")
    parser.add_argument("--report", type=Path, help="write numbers, tables and pictures here")
    parser.add_argument("--plots", type=Path, help="write the pictures only, here")


def run(options: argparse.Namespace, console: Console) -> int:
    """Read, score, print and write."""
    if not 1 <= len(options.predictions) <= 2:
        raise ValueError(
            f"--predictions names {len(options.predictions)} files; give one, or two to compare"
        )
    if options.dataset is None and options.ground_truth is None:
        raise ValueError("give --dataset, --ground-truth, or both, to say what is scored against")
    console.print(f"PoseForge {poseforge.__version__}: reading", soft_wrap=True)
    from poseforge.formats.predictions import read_predictions
    from poseforge.reports.evaluation import bring_together, evaluate
    from poseforge.reports.folder import write_pictures, write_report

    truth, dataset, metrics = _truth(options)
    labels = _labels(options.predictions)
    predictions = {
        label: bring_together(
            label, read_predictions(path, skeleton=truth.skeleton, ids=truth.people.ids), truth
        )
        for label, path in zip(labels, options.predictions, strict=True)
    }
    evaluation = evaluate(predictions, truth, metrics, compared=len(predictions) == 2)
    _print(evaluation, console)
    if options.json:
        from poseforge.reports.folder import report_json

        write_text(options.json, report_json(evaluation))
    if options.report:
        write_report(options.report, evaluation, dataset)
        console.print(f"the report is in {options.report}", soft_wrap=True)
    if options.plots:
        write_pictures(options.plots, evaluation, dataset)
        console.print(f"the pictures are in {options.plots}", soft_wrap=True)
    return 0


def _truth(options: argparse.Namespace) -> "tuple[Truth, PoseDataset | None, list[Metric]]":
    """Return whom to score, with their images where there are any, and by what."""
    from poseforge.registry import import_beside
    from poseforge.reports.metrics import default_metrics, parse_metric
    from poseforge.reports.scoring import labelled_truth, truth_of

    import_beside(".")  # where a metric of one's own may lie
    chosen = [parse_metric(text) for text in options.metric]
    found, configured = _named(options.dataset)
    if options.ground_truth is None:
        from poseforge.registry import DATASETS, build

        dataset = build(found, DATASETS)
        truth = truth_of(dataset)
    else:
        from poseforge.formats.truth import read_truth

        dataset, truth = None, labelled_truth(read_truth(options.ground_truth))
    return truth, dataset, chosen or configured or default_metrics(truth.skeleton.name)


def _named(name: str | None) -> "tuple[dict[str, Any], list[Metric]]":
    """Return the data set of a public name or of a config, and the config's metrics."""
    if name is None or name in PUBLIC:
        return PUBLIC.get(name or "", {}), []
    if not name.endswith(".py"):
        raise ValueError(f"--dataset {name} is neither {', '.join(PUBLIC)} nor a config's .py file")
    from poseforge.engine.config import load_config
    from poseforge.engine.train import build_metrics

    config = load_config(name, [])
    section = config.values.get("test_dataloader")
    if section is None:
        raise ValueError(f"{name} has no test_dataloader, so there is nobody to score; add one")
    return section["dataset"], build_metrics(config)


def _labels(paths: list[Path]) -> list[str]:
    """Call models by their files' names, as much of the path as tells them apart."""
    names = [path.with_suffix("").parts for path in paths]
    for parts in range(1, max(map(len, names)) + 1):
        labels = ["/".join(name[-parts:]) for name in names]
        if len(set(labels)) == len(labels):
            return labels
    raise ValueError(f"--predictions names {paths[0]} twice; give two files to compare")


def _print(evaluation: "Evaluation", console: Console) -> None:
    from poseforge.evaluation.report import to_terminal
    from poseforge.reports.text import comparison_lines, error_lines

    models = len(evaluation.models)
    rows = evaluation.rows
    for start in range(0, len(rows), models):
        console.print(to_terminal(rows[start : start + models]))
    console.print(f"on {evaluation.protocol}", soft_wrap=True)
    for line in [*error_lines(evaluation), *comparison_lines(evaluation)]:
        console.print(line, soft_wrap=True)
