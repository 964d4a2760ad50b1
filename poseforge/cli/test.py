"""`poseforge test CONFIG CHECKPOINT`."""

import argparse
from pathlib import Path

from rich.console import Console

import poseforge
from poseforge.cli.arguments import add_config_arguments, is_first, overrides
from poseforge.cli.presenting import present

HELP = "Print a checkpoint's benchmark table on a config's test set."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    add_config_arguments(parser)
    parser.add_argument("checkpoint", type=Path, help="weights, such as work_dirs/.../best.pth")
    parser.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    parser.add_argument(
        "--scales", nargs="+", type=float, default=[1.0], help="average over enlargements"
    )
    parser.add_argument(
        "--stages", action="store_true", help="a row for each stage of a model that has several"
    )
    parser.add_argument("--dump", type=Path, help="write the predictions to this .npz or .json")
    parser.add_argument("--json", type=Path, help="write the report to this JSON file")
    parser.add_argument(
        "--report", type=Path, help="write numbers, tables and pictures into this folder"
    )
    parser.add_argument("--markdown", type=Path, help="write the table to this Markdown file")
    parser.add_argument("--show-dir", type=Path, help="draw skeletons, heatmaps and stages here")
    parser.add_argument("--show", type=int, default=20, help="how many people --show-dir draws")


def run(options: argparse.Namespace, console: Console) -> int:
    """Test and print."""
    if options.dump and options.dump.suffix not in (".npz", ".json"):
        raise ValueError(
            f"--dump {options.dump}: predictions are written as .npz or .json; name such a file"
        )
    console.quiet = not is_first(options)
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", soft_wrap=True)
    from poseforge.engine.benchmark import TestTime, benchmark  # torch and mmengine load here
    from poseforge.engine.config import load_config

    result = benchmark(
        load_config(options.config, overrides(options)),
        options.checkpoint,
        console,
        launcher=options.launcher,
        test_time=TestTime(
            options.flip, tuple(options.scales), options.show_dir, options.show, options.stages
        ),
    )
    if result is not None:
        present(
            result,
            console,
            markdown=options.markdown,
            json=options.json,
            dump=options.dump,
            report=options.report,
        )
    return 0
