from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.on_disk import (
    DatasetOnDisk,
    check_choice,
    check_images,
    digest_of,
    load_mat,
    numbers_within,
    usable,
)
from poseforge.datasets.root import find_data_root
from poseforge.registry import DATASETS
from poseforge.structures import SKELETONS, People, boxes
from poseforge.structures.affine import Floats

SOURCE = "https://bensapp.github.io/flic-dataset.html"
SPLITS = ("train", "test", "fit", "val")
HELD_OUT = 0.1  # "val" is at least this part of "train"
BOXES = {"joints": "box of the labelled joints", "torso": "torso box found by poselets"}
SIDES = {"observer": "observer-centric sides", "person": "person-centric sides"}
# The columns of `coords` that have labels, in the order of flic11: shoulder, elbow and wrist of
# the left and the right arm, the hips, the eyes and the nose.
COLUMNS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 16)
COORDS = (2, 29)


@DATASETS.register_module()
class FLIC(DatasetOnDisk):
    """Frames Labeled In Cinema (Sapp and Taskar, CVPR 2013): 5003 upper bodies in 30 films.

    Reads the official `examples.mat`, which counts pixels from 1; here they count from 0. It does
    not say which joints are hidden.
    Splits: "train" (3987) and "test" (1016) are the official ones. "val" and "fit" part "train" by
    film, because neighbouring frames are alike: "val" is the last films by name, as few as have a
    tenth of the people, and "fit" is the rest.

    Args:
        split: Which people.
        data_root: The folder that holds `flic`, which has `examples.mat` and `images`; None for
            $POSEFORGE_DATA or ./data.
        box: "joints" is the box of the labelled joints, "torso" the torso box that comes with the
            data set, of a detector: a crop needs a padding of about 3 to hold arms and head.
        sides: "person" leaves left and right as they are labelled: the person's own. "observer"
            swaps them for people seen from behind, whose right shoulder is right of the left one
            in the image: what published numbers are measured with.

    Attributes:
        left_out: How many people of the split have no such box; they are not in the set.

    Raises:
        DataNotFoundError: The data set is not on this machine.
        FileNotFoundError: `examples.mat` or images of it are missing.
        ValueError: An argument is not one of the choices, or `examples.mat` is damaged.
    """

    def __init__(
        self,
        split: str,
        *,
        data_root: str | Path | None = None,
        box: Literal["joints", "torso"] = "joints",
        sides: Literal["observer", "person"] = "observer",
    ) -> None:
        check_choice("split", split, SPLITS)
        check_choice("box", box, BOXES)
        check_choice("sides", sides, SIDES)
        self.root = find_data_root("flic", data_root, source=SOURCE)
        self.split, self.box, self.sides = split, box, sides
        self.name = f"flic_{split}"
        self.skeleton = SKELETONS["flic11"]
        self.protocol = f"{BOXES[box]}, {SIDES[sides]}"
        self.people, self.left_out = self._read_people()

    def fingerprint(self) -> str:
        """Return a digest of `examples.mat`, the split, the box and the sides."""
        return digest_of([self.root / "examples.mat"], self.split, self.box, self.sides)

    def _read_people(self) -> tuple[People, int]:
        names, points, torsos, splits = _read_examples(self.root / "examples.mat")
        visible = np.where(np.isnan(points).any(axis=-1), 0, 2)
        keypoints = np.where(visible[..., None] > 0, points - 1, 0)
        if self.sides == "observer":
            keypoints, visible = self._turned(keypoints, visible)
        box = boxes.box_of_points(keypoints, visible) if self.box == "joints" else torsos - 1
        numbered = zip(names.tolist(), numbers_within(names).tolist(), strict=True)
        everyone = People(
            image_paths=np.array([str(self.root / "images" / n) for n in names], dtype=np.str_),
            keypoints=keypoints.astype(np.float32),
            visible=visible.astype(np.float32),
            boxes=box.astype(np.float32),
            ids=np.array([f"flic/{name}/{number}" for name, number in numbered], dtype=np.str_),
            image_ids=names,
        )
        chosen = everyone[_rows(names, splits, self.split)]
        kept = usable(chosen.boxes)
        people = chosen[kept]
        check_images(people.image_paths)
        return people, int((~kept).sum())

    def _turned(self, keypoints: Floats, visible: Floats) -> tuple[Floats, Floats]:
        """Swap the sides of those whose right shoulder is right of the left one."""
        left, right = self.skeleton.indices(("left_shoulder", "right_shoulder"))
        both = (visible[:, [left, right]] > 0).all(axis=1)
        back = both & (keypoints[:, right, 0] > keypoints[:, left, 0])
        order = self.skeleton.flip_indices
        return (
            np.where(back[:, None, None], keypoints[:, order], keypoints),
            np.where(back[:, None], visible[:, order], visible),
        )


def _rows(names: NDArray[np.str_], splits: dict[str, NDArray[np.bool_]], split: str) -> Any:
    """Return which people a split is: (N,) bool."""
    if split in splits:
        return splits[split]
    train = splits["train"]
    films = np.array([name.rpartition("-")[0] for name in names.tolist()], dtype=np.str_)
    found, counts = np.unique(films[train], return_counts=True)
    left = np.cumsum(counts[::-1])[::-1]  # people of this film and of those after it
    first = int(np.flatnonzero(left >= HELD_OUT * train.sum())[-1]) if len(found) else 0
    held_out = np.isin(films, found[first:])
    return train & (held_out if split == "val" else ~held_out)


def _read_examples(
    path: Path,
) -> tuple[NDArray[np.str_], Floats, Floats, dict[str, NDArray[np.bool_]]]:
    """Read image names (N,), joints (N, 11, 2), torso boxes (N, 4) and splits, pixels from 1."""
    [examples] = load_mat(path, "examples")
    try:
        people = np.atleast_1d(examples).tolist()
        names = np.array([str(person.filepath) for person in people], dtype=np.str_)
        coords = np.array([person.coords for person in people], dtype=np.float64)
        torsos = np.array([person.torsobox for person in people], dtype=np.float64)
        splits = {
            name: np.array([bool(int(getattr(person, f"is{name}"))) for person in people], np.bool_)
            for name in ("train", "test")
        }
        points = coords.reshape(-1, *COORDS)[:, :, COLUMNS].transpose(0, 2, 1)
        return names, points, torsos.reshape(-1, 4), splits
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is not laid out as FLIC's examples.mat ({error}); get the file anew"
        ) from error
