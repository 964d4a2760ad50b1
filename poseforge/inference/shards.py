"""Poses of millions of images, in files of a number of images each.

A file is there whole or not at all, so a run that was stopped goes on with the files that are
missing, and several processes take files in turn without speaking to each other.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from poseforge.files import write_text
from poseforge.inference.crops import BoxesOf
from poseforge.inference.listing import list_images
from poseforge.inference.pose_files import FORMATS, check_format
from poseforge.inference.poses import ImagePoses
from poseforge.inference.predictor import Predictor

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Shards:
    """Where poses go, and of which images this process makes them.

    Args:
        folder: Where to; it is made.
        inputs: What `list_images` takes.
        size: Images a file.
        format: "jsonl" or "parquet".
        process: This process's number; it makes file `process`, `process + processes`, …
        processes: How many there are.

    Raises:
        ValueError: A number is out of its range, or the format is not known or cannot be written.
    """

    folder: Path
    inputs: Sequence[str | Path]
    size: int = 1000
    format: str = "jsonl"
    process: int = 0
    processes: int = 1

    def __post_init__(self) -> None:
        if self.size < 1 or not 0 <= self.process < self.processes:
            raise ValueError(
                f"shards of {self.size} images in process {self.process} of {self.processes} "
                "cannot be; give 1 image or more, and processes from 0"
            )
        if self.format not in FORMATS:
            raise ValueError(f"format='{self.format}'; choose one of {', '.join(FORMATS)}")
        check_format(self.format)

    def path(self, number: int) -> Path:
        """Return a shard's file."""
        return self.folder / f"poses-{number:06d}.{self.format}"

    def missing(self) -> Iterator[tuple[int, list[str]]]:
        """Give the number and the images of this process's shards that are still to be made."""
        images = list_images(self.inputs)
        number = 0
        while shard := list(islice(images, self.size)):
            if number % self.processes == self.process and not self.path(number).exists():
                yield number, shard
            number += 1

    def left(self, images: int) -> int:
        """Return how many of `images` images this process still has to predict."""
        numbers = range(self.process, -(-images // self.size), self.processes)
        return sum(
            min(self.size, images - number * self.size)
            for number in numbers
            if not self.path(number).exists()
        )

    def begin(self, settings: dict[str, Any]) -> int:
        """Write down what the folder's poses are of, or see that it is the same as before.

        Args:
            settings: What the poses depend on besides the images; plain values.

        Returns:
            How many images there are, for all processes.

        Raises:
            ValueError: The folder holds poses of other images or settings.
        """
        digest = hashlib.sha256()
        count = 0
        for image in list_images(self.inputs):
            digest.update(image.encode() + b"\n")
            count += 1
        images = {"inputs": [str(name) for name in self.inputs], "images": count}
        wanted = {**images, "list_sha256": digest.hexdigest(), "shard_size": self.size, **settings}
        path = self.folder / MANIFEST
        if path.is_file():
            _compare(json.loads(path.read_text(encoding="utf-8")), wanted, path)
        elif next(self.folder.glob("poses-*"), None):
            raise ValueError(
                f"the folder '{self.folder}' holds poses but no {MANIFEST} that says of what; "
                "name another folder"
            )
        else:
            write_text(path, json.dumps(wanted, indent=2) + "\n")
        return count


@dataclass
class Tally:
    """What a process has done.

    Attributes:
        images: How many it went through.
        people: Poses.
        failed: Images with an error.
        first_error: Of them.
        shards: Files written.
    """

    images: int = 0
    people: int = 0
    failed: int = 0
    first_error: str | None = None
    shards: int = 0

    def count(self, poses: ImagePoses) -> None:
        """Add an image."""
        self.images += 1
        self.people += len(poses)
        if poses.error is not None:
            self.failed += 1
            self.first_error = self.first_error or poses.error


def predict_shards(
    predictor: Predictor,
    shards: Shards,
    *,
    boxes: BoxesOf | None = None,
    watch: Callable[[ImagePoses], None] = lambda poses: None,
) -> Tally:
    """Make this process's shards that are missing.

    Images are predicted in one stream, so that batches span the ends of shards.

    Args:
        predictor: The model.
        shards: Which images, and where to; `begin` has been called.
        boxes: Where to look in each image; None is as in `Predictor`.
        watch: Called with each image's poses.

    Raises:
        OSError: A shard cannot be written; those before it are whole.
    """
    tally = Tally()
    planned: deque[tuple[int, int]] = deque()  # shards whose poses come next, and their sizes

    def images() -> Iterator[str]:
        for number, shard in shards.missing():
            planned.append((number, len(shard)))
            yield from shard

    def counted(stream: Iterable[ImagePoses]) -> Iterator[ImagePoses]:
        for poses in stream:
            tally.count(poses)
            watch(poses)
            yield poses

    stream = predictor(images(), boxes, keep_going=True)
    for first in stream:
        number, size = planned.popleft()
        path = shards.path(number)
        for stale in shards.folder.glob(f".*.{path.name}"):  # of a run that was killed
            stale.unlink(missing_ok=True)
        FORMATS[shards.format](path, counted(chain([first], islice(stream, size - 1))))
        tally.shards += 1
    return tally


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _compare(before: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    for key in {**before, **now}:
        if before.get(key) != now.get(key):
            raise ValueError(
                f"'{path}' is of a run with {key}={before.get(key)!r}, but now it is "
                f"{now.get(key)!r}; run the same again to go on, or name another folder"
            )
