"""`poseforge train CONFIG`."""

import argparse
import os

from rich.console import Console

import poseforge
from poseforge.cli.arguments import add_config_arguments, overrides
from poseforge.cli.presenting import present

HELP = "Train a config's model; print its benchmark table at the end."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    add_config_arguments(parser)
    parser.add_argument("--seed", type=int, help="seed of weights, order and augmentation")
    parser.add_argument(
        "--amp",
        nargs="?",
        const="bf16",
        choices=("bf16", "fp16"),
        help="mixed precision; bf16 where no other is named",
    )
    parser.add_argument(
        "--compile",
        nargs="?",
        const="default",
        choices=("default", "reduce-overhead", "max-autotune"),
        help="compile training steps; reduce-overhead records CUDA graphs",
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CHECKPOINT",
        help="go on from the run's last checkpoint, or from the one named",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Train, then test the best weights."""
    speaks = int(os.environ.get("RANK", "0")) == 0
    console.quiet = not speaks
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", soft_wrap=True)
    from poseforge.engine.config import load_config  # torch and mmengine load here
    from poseforge.engine.train import train

    config = load_config(options.config, overrides(options))
    outcome = train(config, console, launcher=options.launcher, resume=options.resume)
    folder = outcome.work_dir
    if outcome.interrupted is not None:
        again = f"python tools/train.py {options.config} --work-dir {folder} --resume"
        stopped = f"stopped; the state is in {folder}/last.pth\ngo on with: {again}"
        console.print(stopped, soft_wrap=True)
        return 128 + int(outcome.interrupted)
    if speaks and config.values.get("test_dataloader") is not None:
        from poseforge.engine.benchmark import benchmark

        best = folder / "best.pth"
        result = benchmark(config, best if best.is_file() else folder / "last.pth", console)
        if result is not None:
            present(result, console, markdown=folder / "table.md", json=folder / "report.json")
        pictures = f"curves: {folder}/curves.png   predictions: {folder}/predictions"
        console.print(pictures, soft_wrap=True)
    return 0
