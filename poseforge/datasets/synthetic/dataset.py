"""The data set of generated people."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.synthetic.body import POINT_NAMES
from poseforge.datasets.synthetic.draws import generator, rows
from poseforge.datasets.synthetic.geometry import Geometry, pose_people, visibility
from poseforge.datasets.synthetic.scene import draw_person
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

    Args:
        num_people: How many people there are (N); each has a picture of its own.
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
        seed: int = 0,
        size: int = 160,
        skeleton: str | Mapping[str, Any] | Skeleton = "lsp14",
    ) -> None:
        _check(num_people, seed, size)
        self.num_people = num_people
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
    def people(self) -> People:  # type: ignore[override]
        """Annotations of everyone, computed at the first use, without drawing."""
        parts = []
        for start in range(0, self.num_people, _CHUNK):
            indices = range(start, min(start + _CHUNK, self.num_people))
            parts.append(self._annotate(pose_people(rows(self.seed, indices), self.size)))
        keypoints, visible, boxes = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        ids = np.array([f"synthetic-{self.seed}-{i:06d}" for i in range(self.num_people)])
        return People(np.empty(0, dtype=np.str_), keypoints, visible, boxes, ids)

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.num_people:
            raise IndexError(
                f"index {index} is not a person of this data set; choose 0 to {self.num_people - 1}"
            )
        rng, numbers = generator(self.seed, index)
        geometry = pose_people(numbers[None], self.size)
        keypoints, visible, boxes = self._annotate(geometry)
        return Sample(
            image=draw_person(geometry, 0, self.size, rng),
            keypoints=keypoints[0],
            visible=visible[0],
            box=boxes[0],
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
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def _annotate(self, geometry: Geometry) -> tuple[Floats, Floats, Floats]:
        """Return keypoints (N, K, 2), visible (N, K) and boxes (N, 4), float32."""
        visible = visibility(geometry, self.skeleton.keypoints, self.size)
        pixels = geometry.pixels[:, self._columns]
        keypoints = np.where(visible[..., None] > 0, pixels, 0).astype(np.float32)
        return keypoints, visible, box_of_points(keypoints, visible)


def _check(num_people: int, seed: int, size: int) -> None:
    if num_people < 1:
        raise ValueError(f"num_people={num_people}; ask for at least one person")
    if seed < 0:
        raise ValueError(f"seed={seed}; a seed is 0 or more, give another")
    if size < _SMALLEST:
        raise ValueError(f"size={size}; nobody is recognized below {_SMALLEST} pixels, give more")
