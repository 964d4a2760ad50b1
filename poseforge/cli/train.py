"""`poseforge train CONFIG`."""

import argparse
import os
from pathlib import Path

from rich.console import Console

import poseforge

HELP = "Train a config's model; print its benchmark table at the end."


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every verb that reads a config takes."""
    parser.add_argument("config", help="a config file, such as configs/quickstart.py")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="override settings, such as train_cfg.max_epochs=5",
    )
    parser.add_argument("--work-dir", help="the run's folder; default work_dirs/<config>")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument(
        "--launcher",
        choices=("none", "pytorch"),
        default="none",
        help="pytorch when started by torchrun",
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, help=argparse.SUPPRESS)


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
        "--resume",
        nargs="?",
        const="auto",
        metavar="CHECKPOINT",
        help="go on from the run's last checkpoint, or from the one named",
    )


def overrides(options: argparse.Namespace) -> list[str]:
    """Return all overrides of the command line as `key=value`."""
    chosen = list(options.cfg_options)
    for key in ("work_dir", "device", "seed"):
        value = getattr(options, key, None)
        if value is not None:
            chosen.append(f"{key}={value!r}")
    if getattr(options, "amp", None):
        chosen.append(f"optim_wrapper.amp={options.amp!r}")
    return chosen


def run(options: argparse.Namespace, console: Console) -> int:
    """Train, then test the best weights."""
    speaks = int(os.environ.get("RANK", "0")) == 0
    console.quiet = not speaks
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", highlight=False)
    from poseforge.engine.config import load_config  # torch and mmengine load here
    from poseforge.engine.train import train

    config = load_config(options.config, overrides(options))
    outcome = train(config, console, launcher=options.launcher, resume=options.resume)
    folder = outcome.work_dir
    if outcome.interrupted is not None:
        again = f"python tools/train.py {options.config} --work-dir {folder} --resume"
        console.print(f"stopped; the state is in {folder}/last.pth\ngo on with: {again}")
        return 128 + int(outcome.interrupted)
    if speaks and config.values.get("test_dataloader") is not None:
        _print_table(config, folder, console)
    return 0


def _print_table(config: object, folder: Path, console: Console) -> None:
    from poseforge.cli.test import report
    from poseforge.engine.config import RunConfig
    from poseforge.engine.test import test

    if not isinstance(config, RunConfig):
        raise TypeError("a loaded config is needed")
    best = folder / "best.pth"
    result = test(config, best if best.is_file() else folder / "last.pth", console)
    if result is not None:
        report(result, console, markdown=folder / "table.md", json=folder / "report.json")
        console.print(f"curves: {folder}/curves.png   predictions: {folder}/predictions")
