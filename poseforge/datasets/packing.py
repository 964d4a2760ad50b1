"""Packing: a data set's people as JPEG crops in few files, which can be carried elsewhere."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import poseforge
from poseforge.datasets.base import PoseDataset
from poseforge.datasets.combined import Combined
from poseforge.datasets.crop_shards import (
    HEADER_BYTES,
    JpegCrop,
    Shard,
    read_shard,
    write_shard,
)
from poseforge.datasets.on_disk import usable
from poseforge.datasets.pack_manifest import (
    MANIFEST,
    PEOPLE,
    SHARD,
    TRUTH,
    VERSION,
    read_manifest,
)
from poseforge.datasets.regions import region_around
from poseforge.files import alone, write_text
from poseforge.formats.truth import Truth, write_truth
from poseforge.structures import People, affine, boxes
from poseforge.transforms.io import Picture

TOGETHER = 256  # crops that threads may be ahead of their shard


@dataclass(frozen=True)
class PackSettings:
    """How people are packed.

    Args:
        reach: Side of the square that is kept relative to the person's longer side; what a crop
            sees beyond it is filled as beyond a picture. 1.8 is all that crops with a padding of
            1.25 see at any angle, and upright those of people at 0.7 of their size.
        size: A crop's longer side has at most so many pixels; larger ones are shrunk.
        quality: Of the JPEGs, 1 to 100.
        shard_mb: A file of crops has at most so many megabytes, or one crop.

    Raises:
        ValueError: An argument is out of its range.
    """

    reach: float = 1.8
    size: int = 224
    quality: int = 82
    shard_mb: float = 55.0

    def __post_init__(self) -> None:
        if not self.reach >= 1 or self.size < 1:
            raise ValueError(
                f"reach={self.reach} and size={self.size} are not allowed; give a reach of 1 or "
                "more, and 1 pixel or more"
            )
        if not 1 <= self.quality <= 100 or not self.shard_mb > 0:
            raise ValueError(
                f"quality={self.quality} and shard_mb={self.shard_mb} are not allowed; give a "
                "quality of 1 to 100, and shards of more than 0 MB"
            )


def parts_of(dataset: PoseDataset) -> list[PoseDataset]:
    """Return the data sets that one is combined of, or itself."""
    if not isinstance(dataset, Combined):
        return [dataset]
    return [part for inner in dataset.datasets for part in parts_of(inner)]


def pack(
    dataset: PoseDataset,
    folder: Path,
    settings: PackSettings,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> dict[str, Any]:
    """Write a data set's people into a folder, from which `PackedCrops` reads them.

    A pack that was stopped goes on behind its last whole shard; one that is finished stays.

    Args:
        dataset: Whose people; each is a sample.
        folder: Where to; made if absent.
        settings: How.
        workers: Threads; None is one a core.
        progress: Told now and then how many people are cut out, and how many there are.

    Returns:
        The manifest: of what, how and by what it was made, and a digest of each file.

    Raises:
        ValueError: A sample is not one person in a box, or the folder has another pack.
        OSError: An image cannot be read, or a file not written.
    """
    _check_people(dataset)
    origin = f"{dataset.fingerprint()}, {settings}"
    with alone(folder):
        if (folder / MANIFEST).exists():
            finished = read_manifest(folder)
            _check_origin(folder, finished["pack"], origin, dataset)
            return finished
        shards = _whole_shards(folder, origin, dataset)
        done = sum(len(shard.rows) for shard in shards)
        cut = _cut_all(dataset, range(done, len(dataset)), settings, workers, progress)
        for crops in _filled(cut, settings):
            path = folder / SHARD.format(len(shards))
            with _said_in_one_sentence(folder):
                write_shard(path, origin, crops)
            shards.append(read_shard(path))
        with _said_in_one_sentence(folder):
            return _finish(folder, dataset, origin, settings, shards)


def _check_people(dataset: PoseDataset) -> None:
    people = dataset.people
    if not np.array_equal(dataset.sample_names, people.ids):
        raise ValueError(
            f"the samples of {dataset.name} are not one person each; pack the data set that is "
            "inside Scenes, or any other of people"
        )
    bad = np.flatnonzero(~usable(people.boxes))
    if len(bad):
        raise ValueError(
            f"{len(bad)} people of {dataset.name} have no box with a length, the first is "
            f"{people.ids[bad[0]]}; correct the annotations or leave them out"
        )


def _check_origin(folder: Path, found: object, origin: str, dataset: PoseDataset) -> None:
    if found != origin:
        raise ValueError(
            f"{folder} has a pack of other data or settings than are now asked for of "
            f"{dataset.name}; name another folder, or delete it"
        )


def _whole_shards(folder: Path, origin: str, dataset: PoseDataset) -> list[Shard]:
    """Return what a pack that was stopped has finished."""
    shards: list[Shard] = []
    while (path := folder / SHARD.format(len(shards))).exists():
        shards.append(read_shard(path))
        _check_origin(folder, shards[-1].pack, origin, dataset)
    return shards


def _cut_all(
    dataset: PoseDataset,
    rows: range,
    settings: PackSettings,
    workers: int | None,
    progress: Callable[[int, int], object],
) -> Iterator[JpegCrop]:
    """Cut out the people of rows, in order."""
    with ThreadPoolExecutor(workers or os.cpu_count()) as threads:
        for start in rows[::TOGETHER]:
            progress(start, rows.stop)
            some = range(start, min(start + TOGETHER, rows.stop))
            yield from threads.map(lambda row: _cut(dataset, row, settings), some)


def _cut(dataset: PoseDataset, row: int, settings: PackSettings) -> JpegCrop:
    sample = dataset[row]
    picture = Picture(sample)
    if not boxes.overlaps_image(sample["box"], picture.size):
        raise ValueError(
            f"the box of {dataset.people.ids[row]} in {dataset.name} lies outside the image of "
            f"{picture.size[0]} x {picture.size[1]} pixels; correct the annotation or leave the "
            "person out"
        )
    low, high = region_around(sample["box"], picture.size, settings.reach)
    image = picture.at(1.0)[0][low[1] : high[1], low[0] : high[0]]
    matrix = affine.identity()
    matrix[:, 2] -= low
    width, height = (high - low).tolist()
    shrunk = max(width, height) / settings.size
    if shrunk > 1:
        size = max(1, round(width / shrunk)), max(1, round(height / shrunk))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = affine.compose(affine.stretch_matrix((width, height), size), matrix)
    if "matrix" in sample:
        matrix = affine.compose(matrix, sample["matrix"])
    options = [cv2.IMWRITE_JPEG_QUALITY, settings.quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1]
    return JpegCrop(encoded.tobytes(), matrix)


def _filled(crops: Iterator[JpegCrop], settings: PackSettings) -> Iterator[list[JpegCrop]]:
    """Yield as many crops at a time as a shard has room for."""
    room = settings.shard_mb * 1e6 - HEADER_BYTES
    kept: list[JpegCrop] = []
    used = 0
    for crop in crops:
        if kept and used + crop.stored_bytes > room:
            yield kept
            kept, used = [], 0
        kept.append(crop)
        used += crop.stored_bytes
    if kept:
        yield kept


def _finish(
    folder: Path,
    dataset: PoseDataset,
    origin: str,
    settings: PackSettings,
    shards: list[Shard],
) -> dict[str, Any]:
    """Write the people and, at last, the manifest."""
    people, truth = dataset.people, dataset.truth
    arrays = {PEOPLE: people} if truth is people else {PEOPLE: people, TRUTH: truth}
    above = _common_folder(list(arrays.values()))
    for name, everyone in arrays.items():
        named = replace(everyone, image_ids=_image_ids(everyone, dataset.name, above))
        write_truth(Truth(dataset.name, dataset.skeleton, named, dataset.protocol), folder / name)
    manifest = {
        "version": VERSION,
        "pack": origin,
        "name": dataset.name,
        "people": len(dataset),
        "protocol": dataset.protocol,
        "skeleton": dataset.skeleton.name,
        "fingerprint": dataset.fingerprint(),
        "settings": asdict(settings),
        "made_by": {"poseforge": poseforge.__version__, "opencv": cv2.__version__},
        "annotations": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in arrays
        },
        "shards": {shard.path.name: shard.digest for shard in shards},
    }
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return manifest


def _common_folder(everyone: list[People]) -> str:
    """Return the folder that all images are in."""
    folders = {os.path.dirname(path) for people in everyone for path in people.image_paths.tolist()}
    return os.path.commonpath(folders) if folders else ""


def _image_ids(people: People, name: str, above: str) -> Any:
    """Return what the images are called on any machine, in the order of their names on this one."""
    if len(people.image_ids) or not len(people.image_paths):
        return people.image_names
    return np.array(
        [f"{name}/{Path(os.path.relpath(path, above)).as_posix()}" for path in people.image_paths],
        dtype=np.str_,
    )


@contextmanager
def _said_in_one_sentence(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(
            f"the pack {folder} cannot be written: {error.strerror or error}; make room or name "
            "another folder, and run this again: it goes on behind the last whole shard"
        ) from error
