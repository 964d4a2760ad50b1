"""`poseforge data convert SOURCE OUTPUT --from FORMAT --to FORMAT`."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

HELP = "turn another tool's annotations into COCO's form, or COCO's into YOLO's"
IMPORTED = ("coco", "yolo", "cvat", "label-studio", "deeplabcut")
EXPORTED = ("coco", "yolo")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("source", type=Path, help="the tool's export: a file, or YOLO's folder")
    parser.add_argument("output", type=Path, help="COCO: a .json file; YOLO: a folder")
    parser.add_argument("--from", dest="source_format", choices=IMPORTED, required=True)
    parser.add_argument("--to", dest="output_format", choices=EXPORTED, default="coco")
    parser.add_argument("--images", type=Path, help="the folder that image names count from")
    parser.add_argument("--split", help="of YOLO's folders; default train")
    parser.add_argument("--skeleton", help="the keypoints' skeleton, such as coco17")


def run(options: argparse.Namespace, console: Console) -> int:
    """Read and write."""
    from poseforge.formats.conversion import EXPORTERS, IMPORTERS
    from poseforge.structures import as_skeleton

    wanted = {
        "image_root": options.images,
        "split": options.split,
        "skeleton": as_skeleton(options.skeleton) if options.skeleton else None,
    }
    read, write = IMPORTERS[options.source_format], EXPORTERS[options.output_format]
    takes_split = "split" in _taken(read, wanted) or "split" in _taken(write, wanted)
    for name, flag, taken in (
        ("split", "--split", takes_split),
        ("image_root", "--images", "image_root" in _taken(read, wanted)),
    ):
        if wanted[name] is not None and not taken:
            raise ValueError(
                f"{flag} means nothing from {options.source_format} to {options.output_format}; "
                "leave it out"
            )
    annotations = read(options.source, **_taken(read, wanted))
    write(annotations, options.output, **_taken(write, {"split": options.split}))
    people, images = len(annotations.people), len(annotations.images)
    console.print(
        f"wrote {people} people in {images} images with the {annotations.skeleton.num_keypoints} "
        f"keypoints of '{annotations.skeleton.name}' to {options.output}",
        soft_wrap=True,
    )
    return 0


def _taken(function: Callable[..., Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the wanted arguments that a function takes."""
    parameters = inspect.signature(function).parameters
    return {
        name: value for name, value in wanted.items() if name in parameters and value is not None
    }
