"""`poseforge predict INPUT [INPUT ...] --checkpoint FILE`."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

import poseforge

if TYPE_CHECKING:
    from poseforge.inference.poses import ImagePoses
    from poseforge.inference.shards import Shards, Tally

HELP = "Predict poses in images, folders and lists of any length, into a folder of files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="an image, a folder (with those below), a pattern in quotes, or a .txt list of these",
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="such as a run's best.pth")
    parser.add_argument(
        "--boxes",
        type=Path,
        metavar="FILE",
        help='where people are: lines {"image": "a.jpg", "boxes": [[x1, y1, x2, y2], ...]}',
    )
    parser.add_argument(
        "--out", type=Path, default=Path("predictions"), help="folder of the files of poses"
    )
    parser.add_argument("--format", choices=("jsonl", "parquet"), default="jsonl")
    parser.add_argument("--draw", type=Path, metavar="DIR", help="also draw skeletons, into here")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument("--batch-size", type=int, default=16, help="people the model sees at once")
    parser.add_argument("--workers", type=int, default=2, help="threads that read and crop images")
    parser.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    parser.add_argument("--amp", choices=("bf16", "fp16"), help="compute in mixed precision")
    parser.add_argument("--compile", action="store_true", help="compile the model first: minutes")
    parser.add_argument("--shard-size", type=int, default=1000, help="images a file")


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict what is still missing, and count."""
    process, processes, on_machine = (
        int(os.environ.get(name, default))
        for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
    )
    console.quiet = process != 0
    console.print(
        f"PoseForge {poseforge.__version__}: loading {options.checkpoint}", soft_wrap=True
    )
    from poseforge.inference.boxes_file import BoxesFile  # torch loads here
    from poseforge.inference.drawing import Drawer
    from poseforge.inference.predictor import Predictor
    from poseforge.inference.shards import Shards, predict_shards, sha256_of
    from poseforge.models.device import choose_device
    from poseforge.registry import import_beside

    import_beside(".")  # where a part of one's own may lie
    shards = Shards(
        options.out, options.inputs, options.shard_size, options.format, process, processes
    )
    predictor = Predictor(
        options.checkpoint,
        device=str(choose_device(options.device, on_machine)),
        batch_size=options.batch_size,
        amp=options.amp,
        flip=options.flip,
        compile=options.compile,
        workers=options.workers,
    )
    boxes = BoxesFile(options.boxes) if options.boxes else None
    count = shards.begin(
        {
            "format": options.format,
            "checkpoint_sha256": sha256_of(options.checkpoint),
            "boxes_sha256": sha256_of(options.boxes) if options.boxes else None,
            "flip": options.flip,
            "amp": options.amp,
            "draw": options.draw and str(options.draw),
            "keypoints": list(predictor.skeleton.keypoints),
        }
    )
    drawer = Drawer(options.draw, predictor.skeleton) if options.draw else None
    left = shards.left(count)
    with Progress(console=console, disable=process != 0, transient=True) as bar:
        task = bar.add_task("predicting", total=left)

        def watch(poses: "ImagePoses") -> None:
            bar.advance(task)
            if drawer is not None:
                drawer(poses)

        tally = predict_shards(predictor, shards, boxes=boxes, watch=watch)
    console.quiet = False
    _print(tally, shards, count, console)
    return 0


def _print(tally: "Tally", shards: "Shards", count: int, console: Console) -> None:
    who = f"process {shards.process} of {shards.processes}: " if shards.processes > 1 else ""
    console.print(
        f"{who}{tally.images} of {count} images, {tally.people} people, {tally.shards} files in "
        f"{shards.folder}",
        soft_wrap=True,
    )
    if tally.failed:
        console.print(
            f"{who}{tally.failed} images have an error in place of poses; the first: "
            f"{tally.first_error}",
            soft_wrap=True,
        )
