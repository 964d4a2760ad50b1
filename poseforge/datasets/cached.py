"""Regions around people, decoded once and kept in a file that all processes read."""

import json
import logging
import math
import mmap
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.regions import moved, region_around
from poseforge.files import alone, replacing
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample, affine
from poseforge.structures.affine import Floats
from poseforge.transforms.io import Picture

logger = logging.getLogger(__name__)
HEADER_BYTES = 4096
# A region's place in the file, its height and width, where its top left corner (x, y) was in the
# picture, and how many pixels of the picture a pixel is wide.
ROW = np.dtype([("offset", "<i8"), ("shape", "<i4", 2), ("corner", "<i4", 2), ("reduction", "<i4")])


@DATASETS.register_module()
class CachedRegions(PoseDataset):
    """A data set's people, each with the part of the picture around it, from one file of pixels.

    The file is made at the first use, which reads every image once. It is mapped into memory, so
    that the system keeps what is read in RAM while there is room, once for all workers and
    processes; on a file system in RAM (`/dev/shm`) it always does. Crops are cut out of the regions
    as they are out of pictures, so that augmentation stays free; what lies beyond a region is
    filled as what lies beyond a picture. Of a scene the region is the whole picture.

    Args:
        dataset: Whose people; put this around the parts of a `Combined`, and around `Scenes`.
        file: Where the regions are kept.
        reach: Side of the square region relative to the person's longer side. `RandomCrop` reaches
            at most padding / smallest scale x (cos + sin of the largest angle), and twice its shift
            farther: about 2.9 with its defaults, for square crops.
        size: A region's longer side is at most so many pixels; larger ones are reduced to a half, a
            third and so on.

    Raises:
        ValueError: The file is of other data or settings, or no cache, or an argument is out of
            its range.
        OSError: The file cannot be written, or has no room.
    """

    def __init__(
        self, dataset: PoseDataset, file: str | Path, *, reach: float = 3.0, size: int = 640
    ) -> None:
        if not reach >= 1 or size < 1:
            raise ValueError(
                f"reach={reach} and size={size} are not allowed; give a reach of 1 or more, and 1 "
                "pixel or more"
            )
        self.dataset, self.reach, self.size = dataset, reach, size
        self.file = Path(file).expanduser()
        self.name, self.skeleton, self.protocol = dataset.name, dataset.skeleton, dataset.protocol
        with alone(self.file.parent):
            if not self.file.exists():
                self._make()
        self._rows, self._start = self._read_rows()

    @property
    def people(self) -> People:  # type: ignore[override]
        """The data set's."""
        return self.dataset.people

    @property
    def truth(self) -> People:
        """The data set's."""
        return self.dataset.truth

    @property
    def sample_names(self) -> NDArray[np.str_]:
        """The data set's."""
        return self.dataset.sample_names

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Sample:
        row = self._rows[index]
        height, width = row["shape"].tolist()
        start = int(row["offset"])
        image = self._pixels[start : start + height * width * 3].reshape(height, width, 3)
        return moved(self.dataset[index], image, _matrix(row))

    def fingerprint(self) -> str:
        return f"{self.dataset.fingerprint()}, regions, {self.reach}, {self.size}"

    def __getstate__(self) -> dict[str, Any]:
        """Leave the mapping out, which a process that is not forked makes anew."""
        return {name: value for name, value in vars(self).items() if name != "_pixels"}

    @cached_property
    def _pixels(self) -> NDArray[np.uint8]:
        with self.file.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, np.uint8)[self._start :]

    def _read_rows(self) -> tuple[NDArray[Any], int]:
        """Return the regions' places, and where in the file the pixels begin."""
        with self.file.open("rb") as file:
            try:
                header = json.loads(file.readline(HEADER_BYTES))
                found = header["regions"]
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(
                    f"{self.file} is no cache of regions; name another file, or delete it"
                ) from error
            if found != self.fingerprint():
                raise ValueError(
                    f"the cache {self.file} is of other data or settings than {self.name} with "
                    f"reach={self.reach} and size={self.size}; name another file, or delete it to "
                    "have it made anew"
                )
            rows = np.fromfile(file, ROW, len(self))
            start = file.tell()
            end = file.seek(0, os.SEEK_END)
        if len(rows) < len(self) or end - start != header["bytes"]:
            raise ValueError(f"the cache {self.file} is cut short; delete it to have it made anew")
        return rows, start

    def _make(self) -> None:
        """Write the file: a line of JSON, the rows, and the regions' pixels."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            rows = np.array(list(threads.map(self._plan, range(len(self)))), ROW)
            sizes = 3 * rows["shape"].astype(np.int64).prod(axis=1)
            rows["offset"] = np.cumsum(sizes) - sizes
            total = int(sizes.sum())
            free = shutil.disk_usage(self.file.parent).free
            if total > free:
                raise OSError(
                    f"the cache {self.file} needs {total / 1e9:.1f} GB, but {free / 1e9:.1f} GB "
                    "are free there; make its size or reach smaller, or name a file elsewhere"
                )
            logger.warning(
                "caching %d regions of %s in %s: %.1f MB",
                len(self), self.name, self.file, total / 1e6,
            )  # fmt: skip
            header = {"regions": self.fingerprint(), "bytes": total}
            with replacing(self.file) as aside, aside.open("wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + rows.tobytes())
                start = file.tell()
                file.truncate(start + total)
                file.flush()

                def write(index: int) -> None:
                    pixels = self._cut(index, rows[index])
                    os.pwrite(file.fileno(), pixels.data, start + int(rows[index]["offset"]))

                list(threads.map(write, range(len(self))))

    def _plan(self, index: int) -> tuple[int, list[int], list[int], int]:
        """Return a sample's row, which has no offset yet."""
        sample = self.dataset[index]
        size = Picture(sample).size
        low, high = np.zeros(2, np.int64), np.array(size)
        if "box" in sample:
            low, high = region_around(sample["box"], size, self.reach)
        reduction = math.ceil((high - low).max() / self.size)
        shape = np.ceil((high - low) / reduction)[::-1]
        return 0, shape.astype(int).tolist(), low.tolist(), reduction

    def _cut(self, index: int, row: NDArray[Any]) -> NDArray[np.uint8]:
        image, _ = Picture(self.dataset[index]).at(1.0)
        (x, y), (height, width), reduction = (
            row[name].tolist() for name in ("corner", "shape", "reduction")
        )
        region = image[y : y + height * reduction, x : x + width * reduction]
        if reduction == 1:
            return np.ascontiguousarray(region)
        over = height * reduction - region.shape[0], width * reduction - region.shape[1]
        whole = cv2.copyMakeBorder(region, 0, over[0], 0, over[1], cv2.BORDER_REPLICATE)
        means = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(means, np.uint8)


def _matrix(row: NDArray[Any]) -> Floats:
    """Return the map from the picture's to the region's pixels."""
    back = affine.enlargement_matrix(int(row["reduction"]))
    back[:, 2] += row["corner"]
    return affine.invert(back)
