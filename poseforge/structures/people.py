"""People: the annotations of a data set as flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats


def _none() -> NDArray[Any]:
    return np.empty(0)


@dataclass(frozen=True)
class People:
    """Annotations of N people as flat arrays, shared by workers without copies.

    An array that a data set cannot give has length 0.

    Attributes:
        image_paths: (N,) where each person's image is read from; empty where images are drawn.
        keypoints: (N, K, 2) float32, image pixels; NaN-free, 0 where not labelled.
        visible: (N, K) float32: 0 not labelled, 1 labelled and hidden, 2 labelled and seen.
        boxes: (N, 4) float32 x1 y1 x2 y2, image pixels.
        ids: (N,) names that a person is reported by and predictions are joined by.
        image_ids: (N,) names of the images; people of one image have the same.
        areas: (N,) float32 px² of each person's segment, the scale of OKS; NaN where unknown.
        head_sizes: (N,) float32 px, the reference of PCKh; NaN where unknown.
        box_scores: (N,) float32, a detector's confidence in each box.
        crowd: (N,) bool, regions of many people, which evaluation must not count against anyone.
    """

    image_paths: NDArray[np.str_]
    keypoints: Floats
    visible: Floats
    boxes: Floats
    ids: NDArray[np.str_]
    image_ids: NDArray[np.str_] = field(default_factory=_none)
    areas: Floats = field(default_factory=_none)
    head_sizes: Floats = field(default_factory=_none)
    box_scores: Floats = field(default_factory=_none)
    crowd: NDArray[np.bool_] = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.keypoints)

    def __getitem__(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "People":
        values = (getattr(self, column.name) for column in fields(self))
        return People(*(value[rows] if len(value) else value for value in values))

    def relabelled(self, order: NDArray[np.int64]) -> "People":
        """Return the people with each keypoint's label taken from another keypoint.

        Args:
            order: (K,) from which; a skeleton's `flip_indices` exchange left and right.
        """
        return replace(self, keypoints=self.keypoints[:, order], visible=self.visible[:, order])

    @property
    def image_names(self) -> NDArray[np.str_]:
        """(N,) what each person's image is called: its id, else its path, else the person's id."""
        for names in (self.image_ids, self.image_paths):
            if len(names):
                return names
        return self.ids

    @property
    def image_rows(self) -> NDArray[np.int64]:
        """(N,) the number of each person's image, counted from 0 without gaps."""
        return np.unique(self.image_names, return_inverse=True)[1].astype(np.int64)

    @property
    def is_crowd(self) -> NDArray[np.bool_]:
        """(N,) which people are regions of many."""
        return self.crowd if len(self.crowd) else np.zeros(len(self), dtype=np.bool_)

    @property
    def to_find(self) -> NDArray[np.bool_]:
        """(N,) who is to be found: people with a labelled keypoint who are no crowd."""
        labelled: NDArray[np.bool_] = np.any(self.visible > 0, axis=-1)
        return labelled & ~self.is_crowd

    @staticmethod
    def concatenate(parts: Sequence["People"]) -> "People":
        """Return all parts' people, in order; what only some parts give is unknown in the others.

        Unknown is "" for a name, NaN for a number and False for a flag.
        """
        columns = []
        for column in fields(People):
            arrays = [getattr(part, column.name) for part in parts]
            known = [array for array in arrays if len(array)]
            if known:
                arrays = [
                    array if len(array) else _unknown(len(part), known[0].dtype)
                    for array, part in zip(arrays, parts, strict=True)
                ]
            columns.append(np.concatenate(arrays))
        return People(*columns)


def _unknown(length: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    value = {"U": "", "b": False}.get(dtype.kind, np.nan)
    return np.full(length, value, dtype="<U1" if dtype.kind == "U" else dtype)
