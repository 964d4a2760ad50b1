"""`poseforge benchmark CONFIG [CONFIG ...]`."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

import poseforge
from poseforge.files import check_writable

if TYPE_CHECKING:
    from poseforge.profiling.throughput.turns import Effort

HELP = "Measure throughput and latency of configs' models, and write a result file."
FOLDER = Path("work_dirs/benchmark")
SECONDS = 5.0  # a cell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="config files, timed in turn")
    parser.add_argument("--checkpoint", type=Path, help="weights, such as work_dirs/.../best.pth")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument(
        "--mode",
        choices=("infer", "train"),
        default="infer",
        help="predictions, or the engine's training steps; default infer",
    )
    parser.add_argument(
        "--batch-sizes", nargs="+", type=int, default=[1, 8, 32], help="default 1 8 32"
    )
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=("fp32", "bf16", "fp16"),
        default=["fp32"],
        help="default fp32",
    )
    parser.add_argument(
        "--image-sizes",
        nargs="+",
        default=[],
        metavar="WIDTHxHEIGHT",
        help="such as 256x256 192x256; default the config's own",
    )
    parser.add_argument("--channels-last", action="store_true", help="lay features out so")
    parser.add_argument("--compile", action="store_true", help="compile each model first: minutes")
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--seconds", type=float, help=f"how long each combination is timed; default {SECONDS:g}"
    )
    effort.add_argument("--repeats", type=int, help="or how many batches of each, however long")
    parser.add_argument("--threads", type=int, help="of the processor; default torch's choice")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.json",
        help="the result file; default one in work_dirs/benchmark",
    )
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="override settings of all configs, such as seed=1",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure, print tables and write the result."""
    console.print(
        f"PoseForge {poseforge.__version__}: loading {' '.join(options.configs)}", soft_wrap=True
    )
    from poseforge.engine.config import load_config  # torch and mmengine load here
    from poseforge.engine.distributed import World, claim_device
    from poseforge.profiling.result_file import file_name, new_result, this_machine, write_result
    from poseforge.profiling.throughput.cells import Setting
    from poseforge.profiling.throughput.grid import Grid, measure
    from poseforge.profiling.throughput.report import measurements, remarks, tables

    threads = _set_threads(options.threads)
    configs = [load_config(path, options.cfg_options) for path in options.configs]
    device = claim_device(options.device, World())
    setting = Setting(
        device, options.mode, options.checkpoint, options.channels_last, options.compile
    )
    grid = Grid(
        tuple(dict.fromkeys(options.batch_sizes)),
        tuple(dict.fromkeys(options.precisions)),
        tuple(dict.fromkeys(_size(text) for text in options.image_sizes)),
    )
    effort = _effort(options)
    name = "_".join(["benchmark", options.mode, *(config.name for config in configs)])
    out = options.out or FOLDER / file_name(name, this_machine(device))
    if out.suffix != ".json":
        raise ValueError(f"--out {out}: results are JSON; name a file that ends in .json")
    check_writable(out.parent)
    with Progress(console=console, transient=True) as bar:
        total = len(configs) * grid.size * (1 + len(effort.turns))
        task = bar.add_task("timing", total=total)
        cells = measure(configs, grid, setting, effort, lambda: bar.advance(task))
    notes = remarks(cells, setting, effort)
    for table in tables(cells):
        console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True)
    settings = {
        "mode": options.mode,
        "device": device.type,
        "checkpoint": options.checkpoint and options.checkpoint.name,
        "channels_last": options.channels_last,
        "compile": options.compile,
        "threads": threads,
        "effort": vars(effort),
        "grid": vars(grid),
        "overrides": options.cfg_options,
    }
    result = new_result(
        "speed", name, device=device, settings=settings, measurements=measurements(cells)
    )
    result["notes"] = notes
    write_result(result, out)
    console.print(f"wrote {out}", soft_wrap=True)
    return 0


def _effort(options: argparse.Namespace) -> "Effort":
    from poseforge.profiling.throughput.turns import Effort

    if options.repeats is not None:
        return Effort(repeats=options.repeats)
    return Effort(seconds=SECONDS if options.seconds is None else options.seconds)


def _set_threads(threads: int | None) -> int:
    import torch

    if threads is not None:
        if threads < 1:
            raise ValueError(f"--threads {threads}; give 1 or more")
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if found is None:
        raise ValueError(f"--image-sizes '{text}'; give WIDTHxHEIGHT, pixels, such as 192x256")
    return int(found[1]), int(found[2])
