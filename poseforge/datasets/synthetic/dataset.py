"""The data set of generated people."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
        return np.array([f"synthetic-{self.seed}-{i:06d}" for i in range(self.num_people)])

    @cached_property
    def people(self) -> People:  # type: ignore[override]
        """Annotations of everyone, computed at the first use, without drawing."""
        with ThreadPoolExecutor() as threads:  # arrays are computed side by side
            parts = threads.map(self._annotate_rows, self._chunks())
            keypoints, visible, boxes = map(np.concatenate, zip(*parts, strict=True))
        ids = self.sample_names
        images = np.empty(0, dtype=np.str_)
        if self._is_shared:  # not called as any person is
            images = np.char.add("scene-of-", ids[self._pictures])
        return People(np.empty(0, dtype=np.str_), keypoints, visible, boxes, ids, images)

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.num_people:
            raise IndexError(
                f"index {index} is not a person of this data set; choose 0 to {self.num_people - 1}"
            )
        start, stop = self._picture_of(index)
        rngs, numbers = zip(*(generator(self.seed, i) for i in range(start, stop)), strict=True)
        geometry, pictures = self._pose(np.stack(numbers), start)
        keypoints, visible, boxes = self._annotate(geometry, pictures)
        order = np.argsort(nearness(geometry), kind="stable").tolist()
        return Sample(
            image=draw_people(geometry, order, self.size, [rngs[person] for person in order]),
            keypoints=keypoints[index - start],
            visible=visible[index - start],
            box=boxes[index - start],
        )

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

    @cached_property
    def _pictures(self) -> NDArray[np.int64]:
        """(N,) the first person of each one's picture."""
        starts = starts_of_pictures(self.seed, self.num_people, self.least, self.most)
        return np.repeat(starts[:-1], np.diff(starts))

    def _picture_of(self, person: int) -> tuple[int, int]:
        """Return the first person of someone's picture, and the first of the next one."""
        if not self._is_shared:
            return person, person + 1
        start = self._pictures[person]
        return int(start), int(np.searchsorted(self._pictures, start, side="right"))

    def _pose(self, numbers: Floats, start: int) -> tuple[Geometry, NDArray[np.int64]]:
        """Return people from `start` on, and whose pictures are the same."""
        geometry = pose_people(numbers, self.size)
        if not self._is_shared:
            return geometry, np.arange(start, start + len(numbers))
        pictures = self._pictures[start : start + len(numbers)]
        return arrange(geometry, numbers[:, -NUM_PLACING:], pictures, self.size), pictures

    def _chunks(self) -> Iterator[range]:
        """Cut all people into pieces of which none cuts a picture."""
        start = 0
        while start < self.num_people:
            last = min(start + _CHUNK, self.num_people) - 1
            stop = self._picture_of(last)[1]
            yield range(start, stop)
            start = stop

    def _annotate_rows(self, people: range) -> tuple[Floats, Floats, Floats]:
        return self._annotate(*self._pose(rows(self.seed, people), people.start))

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
