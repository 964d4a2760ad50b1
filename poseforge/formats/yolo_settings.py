"""The YAML file of a YOLO-pose data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from poseforge.formats.naming import pairs_of_names, skeleton_of_names
from poseforge.formats.reading import blaming
from poseforge.structures import Skeleton
from poseforge.structures.skeleton import Pair

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Settings:
    """What a data set's YAML file says.

    Attributes:
        file: The file.
        path: The folder that images count from, itself counted from the file's folder.
        splits: Folders and lists of images of each split.
        num_keypoints: K.
        dimensions: 2 for x and y, 3 where visibility follows.
        names: (K,) the keypoints; empty where the file does not name them.
        flip: (K,) the row that each keypoint comes from in a mirrored image; empty where the file
            does not tell.
    """

    file: Path
    path: str
    splits: Mapping[str, Sequence[str]]
    num_keypoints: int
    dimensions: int
    names: tuple[str, ...]
    flip: tuple[int, ...]

    def skeleton(self, given: Skeleton | None) -> Skeleton:
        """Return the skeleton, which must fit the file where one is given.

        Raises:
            ValueError: The given skeleton has other keypoints or another mirror.
        """
        if given is None:
            count = range(1, self.num_keypoints + 1)
            names = self.names or tuple(f"keypoint_{number}" for number in count)
            pairs = self._pairs(names) if self.flip else None
            return skeleton_of_names(names, name="person", pairs=pairs)
        if given.num_keypoints != self.num_keypoints or self.names not in ((), given.keypoints):
            raise ValueError(
                f"it has {self.num_keypoints} keypoints{': ' if self.names else ''}"
                f"{', '.join(self.names)}; skeleton '{given.name}' has {given.num_keypoints}: "
                f"{', '.join(given.keypoints)}"
            )
        if self.flip and given.flip_indices.tolist() != list(self.flip):
            raise ValueError(
                f"its flip_idx is {list(self.flip)}, but that of skeleton '{given.name}' is "
                f"{given.flip_indices.tolist()}; the keypoints are in another order"
            )
        return given

    def _pairs(self, names: tuple[str, ...]) -> tuple[Pair, ...]:
        """Return the pairs of `flip`, left first where the names tell."""
        told = set(pairs_of_names(names))
        pairs = [(names[a], names[b]) for a, b in enumerate(self.flip) if a < b]
        return tuple((b, a) if (b, a) in told else (a, b) for a, b in pairs)


def read_settings(file: Path) -> Settings:
    """Read a data set's YAML file.

    Raises:
        ValueError: It is not YAML, has no valid `kpt_shape`, or its `flip_idx` or `kpt_names` do
            not fit that.
    """
    with blaming(file):
        document = read_yaml(file)
        num_keypoints, dimensions = _shape(document.get("kpt_shape"))
        return Settings(
            file=file,
            path=str(document.get("path") or ""),
            splits={split: _places(document.get(split) or []) for split in SPLITS},
            num_keypoints=num_keypoints,
            dimensions=dimensions,
            names=_names(document.get("kpt_names"), num_keypoints),
            flip=_flip(document.get("flip_idx"), num_keypoints),
        )


def read_yaml(file: Path) -> dict[str, Any]:
    """Return what a YAML file maps.

    Raises:
        ValueError: It is not YAML or maps nothing.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"it is not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(document, dict):
        raise ValueError("it is not the YAML file of a data set; it needs train, val and kpt_shape")
    return document


def _places(places: Any) -> list[str]:
    listed = places if isinstance(places, list) else [places]
    if not all(isinstance(place, str) for place in listed):
        raise ValueError(f"{places} is neither a folder or list of images nor several of these")
    return listed


def _shape(shape: Any) -> tuple[int, int]:
    good = isinstance(shape, list) and len(shape) == 2 and all(type(n) is int for n in shape)
    if not good or shape[0] < 1 or shape[1] not in (2, 3):
        raise ValueError(
            f"kpt_shape is {shape}; a pose data set has [K, 2] for x and y, or [K, 3] with "
            "visibility"
        )
    return shape[0], shape[1]


def _flip(flip: Any, num_keypoints: int) -> tuple[int, ...]:
    if not flip:
        return ()
    whole = isinstance(flip, list) and all(type(row) is int for row in flip)
    if not whole or sorted(flip) != list(range(num_keypoints)):
        raise ValueError(f"flip_idx is {flip}; it must have each of 0 to {num_keypoints - 1} once")
    order = np.array(flip)
    wrong = np.flatnonzero(order[order] != np.arange(num_keypoints))
    if len(wrong):
        raise ValueError(
            f"flip_idx mirrors the keypoints {', '.join(map(str, wrong))} onto others than those "
            "that are mirrored onto them; where a becomes b, b must become a"
        )
    return tuple(flip)


def _names(names: Any, num_keypoints: int) -> tuple[str, ...]:
    """Return the one list of names that all classes share."""
    lists = list(names.values()) if isinstance(names, dict) else [names] if names else []
    if not lists:
        return ()
    if not all(isinstance(one, list) and one == lists[0] for one in lists):
        raise ValueError("kpt_names differs between the classes; a file must have one skeleton")
    if len(lists[0]) != num_keypoints:
        raise ValueError(f"kpt_names has {len(lists[0])} names, but kpt_shape {num_keypoints}")
    return tuple(str(name) for name in lists[0])
