"""The data set of generated people."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.synthetic.body import POINT_NAMES
from poseforge.datasets.synthetic.draws import generator, rows
from poseforge.datasets.synthetic.geometry import Geometry, pose_people, visibility
from poseforge.datasets.synthetic.group import (
    NUM_PLACING,
    arrange,
    hidden_by_others,
    nearness,
    starts_of_pictures,
)
from poseforge.datasets.synthetic.scene import draw_people
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample, Skeleton, as_skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points

# Raise it with every change that alters a picture or an annotation: fingerprints contain it.
GENERATOR_VERSION = 1
_ENOUGH = 20_000  # people for means over them
_CHUNK = 64  # people whose geometry is computed together; more would not fit the caches
_SMALLEST = 32


@DATASETS.register_module()
class SyntheticPeople(PoseDataset):
    """People who are drawn, not photographed: no files, no downloads, any number.

    Person i of a seed is the same on every run: an articulated body in some action, seen by a
    camera from any side, dressed and lit at random, before a cluttered background and sometimes
    behind an object. Left and right limbs look alike; only face, hair, feet and clothes tell front
    from back, as in photographs.

    With `people`, pictures show several of them, at different scales, some behind others or outside
    the picture. A joint behind somebody else is hidden; of whom no joint is seen, none is labelled.
    Samples are still of one person; `Scenes` makes them of pictures.

    Args:
        num_people: How many people there are (N).
        people: How many of them a picture has at least and at most.
        seed: Which people they are; two seeds share nobody.
        size: Side of the square pictures, pixels.
        skeleton: Which points are annotated: a skeleton whose keypoints the body knows.

    Raises:
        ValueError: An argument is out of its range, or the body lacks a keypoint of the skeleton.
    """

    name = "synthetic"
    protocol = "box of labelled joints"

    def __init__(
        self,
        num_people: int,
        *,
        people: Sequence[int] = (1, 1),
        seed: int = 0,
        size: int = 160,
        skeleton: str | Mapping[str, Any] | Skeleton = "lsp14",
    ) -> None:
        _check(num_people, people, seed, size)
        self.num_people = num_people
        self.least, self.most = people
        self.seed = seed
        self.size = size
        self.skeleton = as_skeleton(skeleton)
        unknown = [name for name in self.skeleton.keypoints if name not in POINT_NAMES]
        if unknown:
            raise ValueError(
                f"the drawn body has no point '{unknown[0]}', which skeleton "
                f"'{self.skeleton.name}' wants; use keypoints from {', '.join(POINT_NAMES)}"
            )
        self._columns = [POINT_NAMES.index(name) for name in self.skeleton.keypoints]

    def __len__(self) -> int:
        return self.num_people

    @cached_property
    def sample_names(self) -> NDArray[np.str_]:
        """Everyone's id, for which nobody's annotations are computed."""
        return self._ids(range(self.num_people))

    @cached_property
    def people(self) -> People:  # type: ignore[override]
        """Annotations of everyone, computed at the first use, without drawing."""
        return self._first_people(self.num_people)

    @property
    def typical_people(self) -> People:
        """The first 20 000."""
        return self.people if self.num_people <= _ENOUGH else self._first_people(_ENOUGH)

    @cached_property
    def pictures(self) -> NDArray[np.int64]:
        """(I + 1,) the first person of each picture, whom the others of it follow, and N."""
        if not self._is_shared:
            return np.arange(self.num_people + 1)
        return starts_of_pictures(self.seed, self.num_people, self.least, self.most)

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.num_people:
            raise IndexError(
                f"index {index} is not a person of this data set; choose 0 to {self.num_people - 1}"
            )
        picture = self._picture_of(index)
        image, people = self.draw(picture)
        row = index - int(self.pictures[picture])
        return Sample(
            image=image,
            keypoints=people.keypoints[row],
            visible=people.visible[row],
            box=people.boxes[row],
        )

    def draw(self, picture: int) -> tuple[NDArray[np.uint8], People]:
        """Return picture 0 to I - 1, (size, size, 3) RGB, and everyone in it."""
        start, stop = self.pictures[picture : picture + 2].tolist()
        rngs, numbers = zip(*(generator(self.seed, i) for i in range(start, stop)), strict=True)
        geometry, people = self._people_of(np.stack(numbers), start)
        order = np.argsort(nearness(geometry), kind="stable").tolist()
        return draw_people(geometry, order, self.size, [rngs[person] for person in order]), people

    def picture_names(self, pictures: NDArray[np.int64]) -> NDArray[np.str_]:
        """Return what pictures are called: not as a person is, where several share one."""
        ids = self._ids(self.pictures[pictures])
        return np.char.add("scene-of-", ids) if self._is_shared else ids

    def fingerprint(self) -> str:
        facts = (
            self.name,
            self.seed,
            self.size,
            self.num_people,
            self.skeleton.name,
            self.skeleton.keypoints,
            GENERATOR_VERSION,
            *((self.least, self.most) if self._is_shared else ()),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    @property
    def _is_shared(self) -> bool:
        return self.most > 1

    def _picture_of(self, person: int) -> int:
        return int(np.searchsorted(self.pictures, person, side="right")) - 1

    def _first_people(self, count: int) -> People:
        """Return the annotations of people 0 to `count` - 1."""
        parts, start = [], 0
        while start < count:
            last = min(start + _CHUNK, count) - 1
            stop = int(self.pictures[self._picture_of(last) + 1])
            parts.append(self._people_of(rows(self.seed, range(start, stop)), start)[1])
            start = stop
        return People.concatenate(parts)[:count]

    def _people_of(self, numbers: Floats, start: int) -> tuple[Geometry, People]:
        """Return the geometry and the annotations of people from `start` on, of whole pictures."""
        geometry = pose_people(numbers, self.size)
        everyone = np.arange(start, start + len(numbers))
        pictures = np.searchsorted(self.pictures, everyone, side="right") - 1
        if self._is_shared:
            geometry = arrange(geometry, numbers[:, -NUM_PLACING:], pictures, self.size)
        keypoints, visible, boxes = self._annotate(geometry, pictures)
        nothing = np.empty(0, dtype=np.str_)
        images = self.picture_names(pictures) if self._is_shared else nothing
        return geometry, People(nothing, keypoints, visible, boxes, self._ids(everyone), images)

    def _annotate(
        self, geometry: Geometry, pictures: NDArray[np.int64]
    ) -> tuple[Floats, Floats, Floats]:
        """Return keypoints (N, K, 2), visible (N, K) and boxes (N, 4), float32."""
        visible = visibility(geometry, self.skeleton.keypoints, self.size)
        pixels = geometry.pixels[:, self._columns]
        boxes = box_of_points(pixels, visible)
        if self._is_shared:
            hidden = hidden_by_others(geometry, pixels, pictures)
            visible = np.where(hidden, np.minimum(visible, 1), visible)
            visible[(visible < 2).all(axis=-1)] = 0
        keypoints = np.where(visible[..., None] > 0, pixels, 0).astype(np.float32)
        return keypoints, visible, boxes

    def _ids(self, people: Iterable[int]) -> NDArray[np.str_]:
        return np.array([f"synthetic-{self.seed}-{person:06d}" for person in people])


def _check(num_people: int, people: Sequence[int], seed: int, size: int) -> None:
    if num_people < 1:
        raise ValueError(f"num_people={num_people}; ask for at least one person")
    if len(people) != 2 or not 1 <= people[0] <= people[1]:
        raise ValueError(
            f"people={people!r}; give the least and the most people of a picture, such as (1, 4)"
        )
    if seed < 0:
        raise ValueError(f"seed={seed}; a seed is 0 or more, give another")
    if size < _SMALLEST:
        raise ValueError(f"size={size}; nobody is recognized below {_SMALLEST} pixels, give more")
