"""Reading every image once: is it whole, how large is it, and what does it look like."""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.transforms import BadImageError, read_image

THUMB_PX = 16
MISSING = "missing"


@dataclass(frozen=True)
class Pictures:
    """What I images are.

    Attributes:
        problems: (I,) "" for a sound image, MISSING, or why it cannot be read.
        sizes: (I, 2) int64 width and height as a viewer shows the image; 0 where it is not read.
        digests: (I,) of the file's bytes; "" where it is not read.
        hashes: (I,) uint64, see `difference_hash`.
        thumbs: (I, THUMB_PX²) float32 grey, with mean 0 and length 1; 0 for a picture of one grey.
    """

    problems: NDArray[np.str_]
    sizes: NDArray[np.int64]
    digests: NDArray[np.str_]
    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.problems)

    @staticmethod
    def none() -> "Pictures":
        """Return those of no image."""
        return _stack([])


@dataclass(frozen=True)
class _Picture:
    problem: str = ""
    size: tuple[int, int] = (0, 0)
    digest: str = ""
    hash: int = 0
    thumb: NDArray[np.float32] | None = None


def read_pictures(paths: Sequence[str], tick: Callable[[], None]) -> Pictures:
    """Read images in several threads.

    Args:
        paths: Files; "" is an image that is drawn, which is left out.
        tick: Called after each.
    """
    found = []
    with ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 2)) as pool:
        for picture in pool.map(_read, paths):
            found.append(picture)
            tick()
    return _stack(found)


def difference_hash(grey: NDArray[np.uint8]) -> int:
    """Return 64 bits that stay when a picture is scaled, recompressed or recoloured.

    Each says whether one of 8 × 8 cells is darker than its right neighbour (N. Krawetz, "Kind of
    Like That", 2013).
    """
    cells = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = np.packbits(cells[:, 1:] > cells[:, :-1])
    return int.from_bytes(bits.tobytes(), "big")


def _read(path: str) -> _Picture:
    if not path:
        return _Picture()
    try:
        image = read_image(path)
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except FileNotFoundError:
        return _Picture(MISSING)
    except BadImageError as error:
        return _Picture(str(error))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    size = (image.shape[1], image.shape[0])
    return _Picture("", size, digest, difference_hash(grey), _thumb(grey))


def _thumb(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(grey, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    centred = small.astype(np.float32).ravel() - small.mean(dtype=np.float32)
    length = float(np.linalg.norm(centred))
    return np.asarray(centred / length if length > 0 else centred, dtype=np.float32)


def _stack(found: Sequence[_Picture]) -> Pictures:
    blank = np.zeros(THUMB_PX**2, dtype=np.float32)
    thumbs = [blank if picture.thumb is None else picture.thumb for picture in found]
    return Pictures(
        problems=np.array([picture.problem for picture in found], dtype=np.str_),
        sizes=np.array([picture.size for picture in found], dtype=np.int64).reshape(-1, 2),
        digests=np.array([picture.digest for picture in found], dtype=np.str_),
        hashes=np.array([picture.hash for picture in found], dtype=np.uint64),
        thumbs=np.array(thumbs, dtype=np.float32).reshape(-1, THUMB_PX**2),
    )
