"""Shards: files of many JPEG crops, each with the map that it was cut by and a digest.

A shard begins with a line of JSON: the format's version, what the crops are of (`pack`), how many
there are (`people`) and how long their JPEGs are (`bytes`). A row a crop follows, then the JPEGs.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.pack_manifest import VERSION, check_version
from poseforge.files import replacing
from poseforge.structures.affine import Floats

HEADER_BYTES = 4096
# Where a JPEG begins behind the rows and its length, the map from the original picture's pixels
# to the crop's, and the SHA-256 of that map and the JPEG.
ROW = np.dtype([("offset", "<i8"), ("bytes", "<i8"), ("matrix", "<f8", (2, 3)), ("digest", "V32")])


class JpegCrop(NamedTuple):
    """A part of a picture.

    Attributes:
        jpeg: The picture.
        matrix: (2, 3) map from the original picture's pixels to this one's.
    """

    jpeg: bytes
    matrix: Floats

    @property
    def stored_bytes(self) -> int:
        """What it adds to a shard."""
        return ROW.itemsize + len(self.jpeg)


class Shard(NamedTuple):
    """What a shard's beginning says.

    Attributes:
        path: The file.
        pack: What it is of.
        rows: Of type `ROW`.
        start: Where in the file the JPEGs begin.
    """

    path: Path
    pack: str
    rows: NDArray[Any]
    start: int

    @property
    def digest(self) -> str:
        """The SHA-256 of the rows, which hold those of the crops."""
        return hashlib.sha256(self.rows.tobytes()).hexdigest()


def digest_of_crop(matrix: Floats, jpeg: bytes | memoryview) -> bytes:
    """Return the SHA-256 of a crop's map and JPEG."""
    digest = hashlib.sha256(matrix.astype("<f8").tobytes())
    digest.update(jpeg)
    return digest.digest()


def write_shard(path: Path, pack: str, crops: Sequence[JpegCrop]) -> None:
    """Write a shard whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    rows = np.zeros(len(crops), ROW)
    lengths = np.array([len(crop.jpeg) for crop in crops])
    rows["bytes"], rows["offset"] = lengths, np.cumsum(lengths) - lengths
    rows["matrix"] = [crop.matrix for crop in crops]
    rows["digest"] = [digest_of_crop(crop.matrix, crop.jpeg) for crop in crops]
    header = {
        "version": VERSION,
        "pack": pack,
        "people": len(crops),
        "bytes": int(lengths.sum()),
    }
    with replacing(path) as aside, aside.open("wb") as file:
        file.write(json.dumps(header).encode() + b"\n" + rows.tobytes())
        file.writelines(crop.jpeg for crop in crops)


def read_shard(path: Path) -> Shard:
    """Return what a shard's beginning says; its JPEGs are not read.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no shard, of a later version, or cut short.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"the shard {path} is missing; copy all files of the pack, or pack anew"
        )
    with path.open("rb") as file:
        try:
            header = json.loads(file.readline(HEADER_BYTES))
            version, pack = header["version"], header["pack"]
            people, length = int(header["people"]), int(header["bytes"])
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{path} is damaged or no shard of a pack; copy it again, or pack anew"
            ) from error
        check_version(path, version)
        start = file.tell() + people * ROW.itemsize
        if path.stat().st_size != start + length:
            raise ValueError(f"the shard {path} is cut short; copy it again, or pack anew")
        rows = np.fromfile(file, ROW, people)
    return Shard(path, pack, rows, start)
