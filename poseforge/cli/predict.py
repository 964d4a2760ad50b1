"""`poseforge predict INPUT [INPUT ...]`."""

import argparse
import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

import poseforge
from poseforge.cli.predict_few import FEW, predict_few
from poseforge.cli.predict_many import SHARD_SIZE, predict_many

if TYPE_CHECKING:
    from poseforge.inference.crops import BoxesOf

HELP = "Predict poses in images, folders and lists of any length, into a folder of files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="an image, a folder (with those below), a pattern in quotes, or a .txt list of these",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        help="such as a run's best.pth; default the model that ships with PoseForge",
    )
    parser.add_argument(
        "--box",
        action="append",
        metavar="X1,Y1,X2,Y2",
        help="where a person is in the one image, pixels; once a person; default the whole image",
    )
    parser.add_argument(
        "--boxes",
        type=Path,
        metavar="FILE",
        help='where people are: lines {"image": "a.jpg", "boxes": [[x1, y1, x2, y2], ...]}',
    )
    parser.add_argument(
        "--out", type=Path, default=Path("predictions"), help="folder of the files of poses"
    )
    parser.add_argument(
        "--format",
        choices=("json", "jsonl", "parquet"),
        help="json: a file and a picture an image; jsonl and parquet: files of many images; "
        f"default json for up to {FEW} images, else jsonl",
    )
    parser.add_argument(
        "--draw", type=Path, metavar="DIR", help="draw skeletons, into here; default with json only"
    )
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument("--batch-size", type=int, default=16, help="people the model sees at once")
    parser.add_argument("--workers", type=int, default=2, help="threads that read and crop images")
    parser.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    parser.add_argument("--amp", choices=("bf16", "fp16"), help="compute in mixed precision")
    parser.add_argument("--compile", action="store_true", help="compile the model first: minutes")
    parser.add_argument(
        "--shard-size", type=int, help=f"images a file of many; default {SHARD_SIZE}"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict a few images for a reader, or of many what is still missing."""
    process, processes, on_machine = (
        int(os.environ.get(name, default))
        for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
    )
    console.quiet = process != 0
    source = options.checkpoint or "the model that ships with it"
    console.print(f"PoseForge {poseforge.__version__}: loading {source}", soft_wrap=True)
    from poseforge.inference.predictor import Predictor  # torch loads here
    from poseforge.inference.shipped import shipped_model
    from poseforge.models.device import choose_device
    from poseforge.registry import import_beside

    if options.checkpoint is None:
        options.checkpoint = shipped_model()
        console.print(f"it is {options.checkpoint.stem}: poseforge card describes it")
    import_beside(".")  # where a part of one's own may lie
    few = _is_few(options, processes)
    boxes = _boxes(options)
    predictor = Predictor(
        options.checkpoint,
        device=str(choose_device(options.device, on_machine)),
        batch_size=options.batch_size,
        amp=options.amp,
        flip=options.flip,
        compile=options.compile,
        workers=options.workers,
    )
    if few:
        return predict_few(predictor, boxes, options, console)
    return predict_many(predictor, boxes, options, console, process, processes)


def _is_few(options: argparse.Namespace, processes: int) -> bool:
    """Return whether each image gets files of its own."""
    sharded = processes > 1 or options.shard_size is not None
    if options.format == "json" and sharded:
        raise ValueError(
            "--format json writes a file an image in one process; leave out --shard-size and "
            "torchrun, or choose jsonl"
        )
    if options.box is None and (options.format or sharded):
        return bool(options.format == "json")
    from poseforge.inference.listing import list_images

    count = sum(1 for _ in islice(list_images(options.inputs), FEW + 1))
    if options.box is not None and (count > 1 or sharded or options.format not in (None, "json")):
        raise ValueError(
            "--box is for one image and its own file; give boxes of several with --boxes FILE"
        )
    return count <= FEW


def _boxes(options: argparse.Namespace) -> "BoxesOf | None":
    """Return what the options say of an image's boxes.

    Raises:
        ValueError: They say it twice, or it is no box.
    """
    from poseforge.inference.boxes_file import BoxesFile

    if options.box is None:
        return BoxesFile(options.boxes) if options.boxes else None
    if options.boxes:
        raise ValueError("--box and --boxes both say where people are; give one of them")
    found = [_box(text) for text in options.box]
    return lambda image: found


def _box(text: str) -> list[float]:
    try:
        x1, y1, x2, y2 = map(float, text.split(","))
    except ValueError as error:
        raise ValueError(
            f"--box {text!r} is no box; give x1,y1,x2,y2 in pixels, such as --box 10,20,110,220"
        ) from error
    return [x1, y1, x2, y2]
