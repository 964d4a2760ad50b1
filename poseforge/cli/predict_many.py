"""`poseforge predict` of many images: files of many poses each, made by any number of processes."""

import argparse
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

if TYPE_CHECKING:
    from poseforge.inference.crops import BoxesOf
    from poseforge.inference.poses import ImagePoses
    from poseforge.inference.predictor import Predictor
    from poseforge.inference.shards import Shards, Tally

SHARD_SIZE = 1000


def predict_many(
    predictor: "Predictor",
    boxes: "BoxesOf | None",
    options: argparse.Namespace,
    console: Console,
    process: int,
    processes: int,
) -> int:
    """Predict what is still missing, and count."""
    from poseforge.inference.drawing import draw_poses, path_below
    from poseforge.inference.shards import Shards, predict_shards, sha256_of

    size = SHARD_SIZE if options.shard_size is None else options.shard_size
    shards = Shards(
        options.out, options.inputs, size, options.format or "jsonl", process, processes
    )
    count = shards.begin(
        {
            "format": shards.format,
            "checkpoint_sha256": sha256_of(options.checkpoint),
            "boxes_sha256": sha256_of(options.boxes) if options.boxes else None,
            "flip": options.flip,
            "amp": options.amp,
            "draw": options.draw and str(options.draw),
            "keypoints": list(predictor.skeleton.keypoints),
        }
    )
    left = shards.left(count)
    with Progress(console=console, disable=process != 0, transient=True) as bar:
        task = bar.add_task("predicting", total=left)

        def watch(poses: "ImagePoses") -> None:
            bar.advance(task)
            if options.draw:
                draw_poses(poses, predictor.skeleton, path_below(options.draw, str(poses.path)))

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
