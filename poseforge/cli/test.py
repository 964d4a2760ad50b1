"""`poseforge test CONFIG CHECKPOINT`."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

import poseforge
from poseforge.cli.train import add_config_arguments, overrides

if TYPE_CHECKING:
    from poseforge.engine.test import TestResult

HELP = "Print a checkpoint's benchmark table on a config's test set."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    add_config_arguments(parser)
    parser.add_argument("checkpoint", type=Path, help="weights, such as work_dirs/.../best.pth")
    parser.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    parser.add_argument(
        "--scales", nargs="+", type=float, default=[1.0], help="average over enlargements"
    )
    parser.add_argument("--dump", type=Path, help="write the predictions to this .npz file")
    parser.add_argument("--json", type=Path, help="write the report to this JSON file")
    parser.add_argument("--markdown", type=Path, help="write the table to this Markdown file")
    parser.add_argument("--show-dir", type=Path, help="draw skeletons, heatmaps and stages here")
    parser.add_argument("--show", type=int, default=20, help="how many people --show-dir draws")


def run(options: argparse.Namespace, console: Console) -> int:
    """Test and print."""
    console.quiet = int(os.environ.get("RANK", "0")) != 0
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", highlight=False)
    from poseforge.engine.config import load_config  # torch and mmengine load here
    from poseforge.engine.test import test

    if any(not 0.1 <= scale <= 10 for scale in options.scales):
        raise ValueError(f"--scales {options.scales}: an enlargement lies between 0.1 and 10")
    result = test(
        load_config(options.config, overrides(options)),
        options.checkpoint,
        console,
        launcher=options.launcher,
        flip=options.flip,
        scales=options.scales,
        show_dir=options.show_dir,
        show=options.show,
    )
    if result is not None:
        report(result, console, markdown=options.markdown, json=options.json, dump=options.dump)
    return 0


def report(
    result: "TestResult",
    console: Console,
    *,
    markdown: Path | None = None,
    json: Path | None = None,
    dump: Path | None = None,
) -> None:
    """Print a result's table and write the files that were asked for."""
    from poseforge.evaluation.report import to_json, to_markdown, to_terminal, write_text

    for model, floor in zip(result.reports, result.floor, strict=True):
        rows = [(result.label, model), ("mean pose in the box", floor)]
        console.print(to_terminal(rows))
    console.print(f"on {result.protocol}", highlight=False)
    rows = [
        row
        for model, floor in zip(result.reports, result.floor, strict=True)
        for row in ((result.label, model), ("mean pose in the box", floor))
    ]
    if markdown:
        write_text(markdown, f"{to_markdown(rows)}\n{result.protocol}\n")
    if json:
        write_text(json, to_json(rows, protocol=result.protocol))
    if dump:
        _dump(result, dump)


def _dump(result: "TestResult", path: Path) -> None:
    aside = path.with_name(f".{path.name}.tmp.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        aside,
        ids=result.dataset.people.ids,
        keypoints=result.predictions.keypoints,
        scores=result.predictions.scores,
    )
    aside.replace(path)
