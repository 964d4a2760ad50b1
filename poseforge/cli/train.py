"""`poseforge train CONFIG`."""

import argparse
from typing import Any

from rich.console import Console

import poseforge
from poseforge.cli.arguments import add_config_arguments, is_first, overrides
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
        "--profile-steps",
        type=_steps,
        metavar="FIRST:LAST",
        help="profile these iterations, such as 50:60, into the run's folder",
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CHECKPOINT",
        help="go on from the run's last checkpoint, or from the one named",
    )
    parser.add_argument(
        "--strategy",
        choices=("ddp", "fsdp"),
        help="what each of several processes holds: the whole model, or a share of it",
    )
    parser.add_argument(
        "--auto-scale-lr",
        action="store_true",
        help="fit the learning rate to the samples a step, from the config's auto_scale_lr",
    )
    parser.add_argument(
        "--no-test", action="store_true", help="end with the training, without a benchmark table"
    )


def _steps(text: str) -> dict[str, Any]:
    """Return the config of the hook that profiles the steps FIRST:LAST."""
    first, colon, last = text.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not FIRST:LAST, such as 50:60")
    kind = "poseforge.profiling.hook.ProfileHook"
    return {"type": kind, "first": int(first), "last": int(last)}


def run(options: argparse.Namespace, console: Console) -> int:
    """Train, then test the best weights unless told not to."""
    console.quiet = not is_first(options)
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", soft_wrap=True)
    from poseforge.engine.config import load_config  # torch and mmengine load here
    from poseforge.engine.train import train

    config = load_config(options.config, overrides(options))
    if options.profile_steps is not None:
        config.values["custom_hooks"].append(options.profile_steps)
    outcome = train(config, console, launcher=options.launcher, resume=options.resume)
    folder = outcome.work_dir
    if outcome.interrupted is not None:
        again = f"python tools/train.py {options.config} --work-dir {folder} --resume"
        stopped = f"stopped; the state is in {folder}/last.pth\ngo on with: {again}"
        console.print(stopped, soft_wrap=True)
        return 128 + int(outcome.interrupted)
    if config.values.get("test_dataloader") is not None and not options.no_test:
        from poseforge.engine.benchmark import benchmark

        best = folder / "best.pth"
        weights = best if best.is_file() else folder / "last.pth"
        result = benchmark(config, weights, console, launcher=options.launcher)
        if result is not None:
            present(result, console, markdown=folder / "table.md", json=folder / "report.json")
        pictures = f"curves: {folder}/curves.png   predictions: {folder}/predictions"
        console.print(pictures, soft_wrap=True)
    return 0
