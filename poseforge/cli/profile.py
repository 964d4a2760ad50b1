"""`poseforge profile CONFIG`."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

import poseforge
from poseforge.cli.arguments import add_config_arguments, is_first, overrides
from poseforge.files import check_writable
from poseforge.profiling.outputs.layer_tree import SORTS
from poseforge.profiling.record import SWITCHES

if TYPE_CHECKING:
    from poseforge.profiling.session import Request, Session

HELP = "Say where a model's time and memory go, layer by layer, and how far from the limit each is."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    add_config_arguments(parser)
    parser.add_argument("--checkpoint", type=Path, help="weights; default freshly drawn ones")
    parser.add_argument(
        "--mode", choices=("train", "infer"), default="train", help="a training step or prediction"
    )
    parser.add_argument(
        "--batch-size",
        type=int,
        help="images a step; default the config's, on a CPU as many as take 2 s",
    )
    parser.add_argument("--steps", type=int, help="how many to measure; default 5, on a GPU 20")
    parser.add_argument("--amp", choices=("bf16", "fp16"), help="mixed precision")
    parser.add_argument("--channels-last", action="store_true", help="memory layout of features")
    parser.add_argument(
        "--compile", nargs="?", const="default", help="compile; regions take the layers' place"
    )
    parser.add_argument("--depth", type=int, help="fold layers deeper than this into those above")
    parser.add_argument("--sort", choices=SORTS, default="tree", help="order of the table")
    parser.add_argument(
        "--try",
        nargs="*",
        choices=SWITCHES,
        dest="trials",
        help="measure what the switches named here really bring; all where none is named",
    )
    parser.add_argument(
        "--max-batch", action="store_true", help="find the largest batch that fits into memory"
    )
    parser.add_argument(
        "--vs",
        nargs="+",
        metavar="B",
        help="compare with another config, or with this one with other settings KEY=VALUE",
    )
    parser.add_argument("--out", type=Path, help="folder of the files; default profiles/<config>")


def run(options: argparse.Namespace, console: Console) -> int:
    """Profile or compare, print, and write the files."""
    # What torch's profiler says while it starts is not for users.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    console.quiet = not is_first(options)
    console.print(f"PoseForge {poseforge.__version__}: loading {options.config}", soft_wrap=True)
    from poseforge.engine.process_group import joined  # torch loads here
    from poseforge.profiling.session import Session

    if options.depth is not None and options.depth < 0:
        raise ValueError(f"--depth {options.depth}; give 0, the whole step, or more")
    folder = options.out or Path("profiles") / Path(options.config).stem
    check_writable(folder)
    with joined(options.launcher, options.device) as world:
        session = Session(_request(options), world)
        if options.vs:
            _compare(options, session, folder, console)
        else:
            _profile(options, session, folder, console)
    return 0


def _request(options: argparse.Namespace) -> "Request":
    from poseforge.profiling.session import Request

    chosen = overrides(options)
    if options.channels_last:
        chosen.append("train_cfg.channels_last=True")
    return Request(
        options.config,
        tuple(chosen),
        options.mode,
        options.device,
        options.checkpoint,
        options.batch_size,
        options.steps,
        () if options.trials is None else tuple(options.trials or SWITCHES),
        options.max_batch,
    )


def _profile(
    options: argparse.Namespace, session: "Session", folder: Path, console: Console
) -> None:
    from poseforge.profiling.outputs.console import to_terminal
    from poseforge.profiling.outputs.folder import write_folder
    from poseforge.profiling.session import TRACE

    found = session.profile(folder)
    if session.world.is_main:
        console.print(
            to_terminal(found, width=console.width, depth=options.depth, sort=options.sort)
        )
        write_folder(found, folder, trace=folder / TRACE)
        console.print(
            f"page: {folder}/profile.html   numbers: {folder}/profile.json, layers.csv\n"
            f"trace for ui.perfetto.dev: {folder}/{TRACE}   TensorBoard: {folder}/tensorboard",
            soft_wrap=True,
        )


def _compare(
    options: argparse.Namespace, session: "Session", folder: Path, console: Console
) -> None:
    from poseforge.profiling.outputs.compared import to_terminal, write_comparison

    first = session.request
    is_config = "=" not in options.vs[0]
    config, *settings = options.vs if is_config else [first.config, *options.vs]
    other = replace(first, config=config, overrides=(*first.overrides, *settings))
    words = " ".join([*([Path(config).stem] if is_config else []), *settings])
    names = Path(first.config).stem if is_config else "as it is", words
    found = session.compare(other, names)
    if session.world.is_main:
        console.print(to_terminal(found, width=console.width))
        console.print(f"numbers: {write_comparison(found, folder)}", soft_wrap=True)
