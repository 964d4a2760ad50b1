"""What data sets that lie on disk share: their folder, images and MATLAB files."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.formats.reading import check_file
from poseforge.structures import Sample, boxes
from poseforge.structures.affine import Floats


class DatasetOnDisk(PoseDataset):
    """A data set whose samples are image files with what `people` says."""

    def __getitem__(self, index: int) -> Sample:
        people = self.people
        return {
            "image_path": str(people.image_paths[index]),
            "keypoints": people.keypoints[index],
            "visible": people.visible[index],
            "box": people.boxes[index],
        }


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a value that is not one of the choices.

    Raises:
        ValueError: It is not.
    """
    choices = tuple(choices)
    if value not in choices:
        raise ValueError(f"{name}={value!r} is not known; choose one of {', '.join(choices)}")


def check_images(paths: Sequence[str] | NDArray[np.str_]) -> None:
    """Refuse paths of which some are no files; each folder is listed once.

    Raises:
        FileNotFoundError: Some are not; the message names the first.
    """
    wanted = [Path(path) for path in dict.fromkeys(paths)]
    there: dict[Path, set[str]] = {}
    for folder in dict.fromkeys(path.parent for path in wanted):
        there[folder] = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    missing = [path for path in wanted if path.name not in there[path.parent]]
    if missing:
        raise FileNotFoundError(
            f"{len(missing)} of {len(wanted)} images are missing in {missing[0].parent}, the first "
            f"is {missing[0].name}; put the images that belong to the annotations there"
        )


def usable(box: Floats) -> NDArray[np.bool_]:
    """Say which of N boxes (N, 4) a crop can be cut by: those with four numbers and a length."""
    return np.isfinite(box).all(axis=-1) & (boxes.longest_side(box) > 0)


def digest_of(files: Iterable[Path], *facts: object) -> str:
    """Return a digest of the contents of files, in order, and of facts."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(repr(facts).encode())
    return digest.hexdigest()


def numbers_within(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return how many equal names stand before each: [a, b, a] gives [0, 0, 1]."""
    _, groups, counts = np.unique(names, return_inverse=True, return_counts=True)
    order = np.argsort(groups, kind="stable")
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    numbers = np.empty(len(names), dtype=np.int64)
    numbers[order] = np.arange(len(names)) - starts
    return numbers


def load_mat(path: Path, *names: str) -> list[Any]:
    """Read variables of a MATLAB file: arrays without axes of length 1, and structs.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no MATLAB file, or has no such variable.
    """
    from scipy.io import loadmat  # takes longer to load than everything else here

    check_file(path)
    try:
        content = loadmat(path, struct_as_record=False, squeeze_me=True)
    except Exception as error:  # scipy has a different exception for every way to be damaged
        raise ValueError(
            f"{path} is empty, damaged or not a MATLAB file ({error}); get the file anew"
        ) from error
    for name in names:
        if name not in content:
            raise ValueError(f"{path} has no variable '{name}'; put the data set's own file there")
    return [content[name] for name in names]
