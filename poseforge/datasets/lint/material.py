"""What the rules look at: an annotation file or a data set, as it was written."""

import os
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.lint.pictures import Pictures
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points, longest_side

BOX_TOLERANCE_PX = 0.01  # below, a box is that of the labelled points


@dataclass(frozen=True)
class Declared:
    """What a file says about its keypoints, before anybody checks it.

    Attributes:
        links: Pairs of numbers, counted from 1.
        pairs: (left, right) names.
        flip_order: For each keypoint the number, from 0, that a mirror takes it from.
    """

    links: tuple[tuple[object, ...], ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    flip_order: tuple[object, ...] = ()


@dataclass(frozen=True)
class Material:
    """N people on I images with nothing mended: numbers that are none are NaN.

    Attributes:
        name: What findings call it.
        role: "train", "val" or "test" in a config; "" for a file.
        skeleton: What the keypoints are.
        keypoints: (N, K, 2) pixels.
        flags: (N, K) 0 not labelled, 1 hidden, 2 seen; or whatever was written.
        boxes: (N, 4) x1 y1 x2 y2; NaN where none is given, inf where it is not numbers.
        ids: (N,) names of people.
        image_of: (N,) rows of images; -1 where the image is not listed.
        crowd: (N,) regions of many people.
        image_ids: (I,) what annotations call images.
        image_names: (I,) what findings call images.
        image_paths: (I,) files; "" where an image is drawn.
        stated_sizes: (I, 2) int64 width and height; 0 where not stated.
        counts: (N,) how many points are said to be labelled; NaN where not said.
        num_values: (N,) numbers in `keypoints`; 3 * K where all is well.
        declared: What the file says about the skeleton.
        pictures: What reading the images gave; empty before.
    """

    name: str
    role: str
    skeleton: Skeleton
    keypoints: Floats
    flags: Floats
    boxes: Floats
    ids: NDArray[np.str_]
    image_of: NDArray[np.int64]
    crowd: NDArray[np.bool_]
    image_ids: NDArray[np.str_]
    image_names: NDArray[np.str_]
    image_paths: NDArray[np.str_]
    stated_sizes: NDArray[np.int64]
    counts: Floats
    num_values: NDArray[np.int64]
    declared: Declared = Declared()
    pictures: Pictures = field(default_factory=Pictures.none)

    def __len__(self) -> int:
        return len(self.keypoints)

    @cached_property
    def labelled(self) -> NDArray[np.bool_]:
        """(N, K) points that are labelled and have a place; none of a crowd's."""
        there = np.isfinite(self.keypoints).all(axis=-1)
        labelled: NDArray[np.bool_] = (self.flags > 0) & there & ~self.crowd[:, None]
        return labelled

    @cached_property
    def extents(self) -> Floats:
        """(N,) px, the longest side of the box around each person's labelled points; 0 if none."""
        return np.nan_to_num(
            longest_side(box_of_points(self.keypoints, self.labelled.astype(np.float32)))
        )

    @cached_property
    def sound_boxes(self) -> NDArray[np.bool_]:
        """(N,) people with a box of positive sides."""
        sound = self.boxes[:, 2:] > self.boxes[:, :2]
        return np.asarray(sound.all(axis=1))

    @cached_property
    def box_sides(self) -> Floats:
        """(N,) px, the longer side of each box; NaN without a sound box."""
        return longest_side(np.where(self.sound_boxes[:, None], self.boxes, np.nan))

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """(I, 2) width and height as read, else as stated, else 0."""
        if not len(self.pictures):
            return self.stated_sizes
        return np.where(self.pictures.sizes > 0, self.pictures.sizes, self.stated_sizes)

    @cached_property
    def sizes_of_people(self) -> Floats:
        """(N, 2) width and height of each person's image; NaN where unknown."""
        sizes = self.sizes[self.image_of] if len(self.sizes) else np.zeros((len(self), 2))
        known = (self.image_of >= 0) & (sizes > 0).all(axis=1)
        return np.where(known[:, None], sizes, np.nan)


def material_of(dataset: PoseDataset, role: str = "", *, name: str | None = None) -> Material:
    """Return a data set's people, each once, however often the data set repeats them.

    Boxes that are those of the labelled points tell nothing new and count as not given.

    Args:
        dataset: The data set.
        role: What a config uses it for: "train", "val" or "test".
        name: What findings call it; None takes the data set's name.
    """
    rows = np.sort(np.unique(dataset.people.ids, return_index=True)[1])
    people = dataset.people[rows]
    names, first, image_of = np.unique(people.image_names, return_index=True, return_inverse=True)
    unset = np.full(len(rows), np.nan)
    paths = people.image_paths[first] if len(people.image_paths) else np.full(len(names), "")
    own = box_of_points(people.keypoints, people.visible)
    derived = np.asarray((np.abs(people.boxes - own) < BOX_TOLERANCE_PX).all(axis=1))
    return Material(
        name=name or dataset.name,
        role=role,
        skeleton=dataset.skeleton,
        keypoints=people.keypoints.astype(np.float64),
        flags=people.visible.astype(np.float64),
        boxes=np.where(derived[:, None], np.nan, people.boxes).astype(np.float64),
        ids=people.ids,
        image_of=image_of.astype(np.int64),
        crowd=people.crowd if len(people.crowd) else np.zeros(len(rows), dtype=np.bool_),
        image_ids=names,
        image_names=_short(names),
        image_paths=paths,
        stated_sizes=np.zeros((len(names), 2), dtype=np.int64),
        counts=unset,
        num_values=np.full(len(rows), 3 * dataset.skeleton.num_keypoints),
    )


def _short(names: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return names of images without the folder that all of their paths are in."""
    paths = names.tolist()
    if not all(os.path.isabs(path) for path in paths):
        return names
    folder = os.path.commonpath([os.path.dirname(path) for path in paths])
    return np.array([os.path.relpath(path, folder) for path in paths], dtype=np.str_)


def with_pictures(material: Material, pictures: Pictures) -> Material:
    """Return the same material with its images read."""
    return replace(material, pictures=pictures)
