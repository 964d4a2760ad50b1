"""`poseforge predict` of a few images: for each a table, a file of JSON and a picture."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from poseforge.files import write_text

if TYPE_CHECKING:
    from poseforge.inference.crops import BoxesOf
    from poseforge.inference.poses import ImagePoses
    from poseforge.inference.predictor import Predictor

FEW = 10  # images that are printed
PEOPLE = 3  # side by side in a table


def predict_few(
    predictor: "Predictor",
    boxes: "BoxesOf | None",
    options: argparse.Namespace,
    console: Console,
) -> int:
    """Predict each image, print its poses, and write and draw them beside each other."""
    from poseforge.inference.drawing import draw_poses, path_below
    from poseforge.inference.listing import list_images
    from poseforge.inference.pose_files import to_line

    images = list(list_images(options.inputs))
    if boxes is None and predictor.uses_boxes:
        console.print(
            "no box was given: the whole of each image is taken as one person's box "
            "(--box x1,y1,x2,y2 says where a person is)",
            soft_wrap=True,
        )
    names, skeleton = _names(images), predictor.skeleton
    failed = 0
    # One image alone fails with its error; of several each has its own.
    for poses in predictor(images, boxes, keep_going=len(images) > 1):
        image = str(poses.path)
        path = options.out / f"{names[image]}.poses.json"
        write_text(
            path, to_line(poses, names=list(skeleton.keypoints), model=options.checkpoint.name)
        )
        drawing = path_below(options.draw, image) if options.draw else path.with_suffix(".jpg")
        is_drawn = draw_poses(poses, skeleton, drawing)
        failed += not is_drawn
        if len(images) <= FEW:
            _print(poses, skeleton.keypoints, console)
            what = f"{path} and {drawing}" if is_drawn else path
            console.print(f"wrote {what}\n", soft_wrap=True)
    if len(images) > 1:
        console.print(
            f"{len(images) - failed} of {len(images)} images predicted, {failed} have an error in "
            f"place of poses, in {options.out}",
            soft_wrap=True,
        )
    return 0


def _names(images: Sequence[str]) -> dict[str, Path]:
    """Return where each image's files go below the folder, as shortly as keeps them apart."""
    places = {image: Path(os.path.abspath(image)) for image in images}
    top = os.path.commonpath([place.parent for place in places.values()])
    below = {image: place.relative_to(top) for image, place in places.items()}
    plain = {image: name.with_suffix("") for image, name in below.items()}
    alone = {image: Path(name.name) for image, name in plain.items()}
    choices = (alone, plain, below)
    return next((names for names in choices if len(set(names.values())) == len(names)), below)


def _print(poses: "ImagePoses", keypoints: Sequence[str], console: Console) -> None:
    """Print an image's people side by side."""
    if poses.error is not None:
        console.print(f"error: {poses.error}", soft_wrap=True)
        return
    note = f" ({poses.note})" if poses.note else ""
    console.print(f"{poses.path}{note}: {_people(len(poses))}", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("")
    for number in range(1, min(len(poses), PEOPLE) + 1):
        for title in ("x", "y", f"score {number}" if len(poses) > 1 else "score"):
            table.add_column(title, justify="right")
    for k, keypoint in enumerate(keypoints):
        cells = []
        for points, scores in zip(poses.keypoints[:PEOPLE], poses.scores[:PEOPLE], strict=True):
            cells += [*(f"{value:.1f}" for value in points[k]), f"{scores[k]:.2f}"]
        table.add_row(keypoint, *cells)
    if len(poses):
        console.print(table)


def _people(count: int) -> str:
    people = "1 person" if count == 1 else f"{count} people"
    return people if count <= PEOPLE else f"{people}, of whom the first {PEOPLE} are printed"
