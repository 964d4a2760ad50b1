"""Scenes: images with all their people as one sample."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample
from poseforge.structures.boxes import sides_of


@DATASETS.register_module()
class Scenes(PoseDataset):
    """The images of any data set, each with everyone in it.

    `people` and `truth` are the data set's, one row a person; samples are images, in the order of
    their names. A sample has the keypoints (P, K, 2) and `visible` (P, K) of everyone who is to be
    found, and as `ignored` (Q, 4) the boxes of crowds and of people without a labelled keypoint. It
    has no box: what reads it makes it the whole image.

    Args:
        dataset: Whose images.
        empty_images: Whether images in which nobody is to be found are samples too, as scoring
            needs; training has little of them.
        images: The names of the only images that are in it; empty means all.

    Raises:
        ValueError: The data set's boxes are a detector's, or it has no such image.
    """

    def __init__(
        self, dataset: PoseDataset, *, empty_images: bool = True, images: Sequence[str] = ()
    ) -> None:
        if len(dataset.people.box_scores):
            raise ValueError(
                f"the boxes of {dataset.name} are a detector's, and Scenes finds people without "
                "boxes; give it the annotated people"
            )
        self.dataset = dataset
        self.empty_images = empty_images
        self.images = tuple(images)
        unknown = set(self.images) - set(dataset.truth.image_names.tolist() if images else ())
        if unknown:
            raise ValueError(f"{dataset.name} has no image '{min(unknown)}'; correct `images`")
        self.name, self.skeleton = dataset.name, dataset.skeleton
        self.protocol = "whole image"

    @cached_property
    def people(self) -> People:  # type: ignore[override]
        """The data set's in the images, one row a person."""
        return self._within(self.dataset.people)

    @cached_property
    def truth(self) -> People:
        """Everyone in the images, crowds and people without a labelled keypoint included."""
        return self._within(self.dataset.truth)

    @property
    def sample_names(self) -> NDArray[np.str_]:
        """(len(self),) the images' names."""
        return self._images.names

    def __len__(self) -> int:
        return len(self.sample_names)

    def __getitem__(self, index: int) -> Sample:
        return with_everyone(self._picture(index), self.truth[self._rows_of(index)])

    def fingerprint(self) -> str:
        return f"{self.dataset.fingerprint()}, scenes, {self.empty_images}, {self.images}"

    def _within(self, everyone: People) -> People:
        return everyone[np.isin(everyone.image_names, self.images)] if self.images else everyone

    @cached_property
    def _images(self) -> "_Images":
        everyone = self.truth
        names, images = np.unique(everyone.image_names, return_inverse=True)
        counts = np.bincount(images)
        kept = np.bincount(images, weights=everyone.to_find) > 0
        kept |= self.empty_images
        people = np.full(len(names), -1)
        shown, first = np.unique(self.dataset.people.image_names, return_index=True)
        of_data, known = np.searchsorted(names, shown), np.isin(shown, names)
        people[of_data[known]] = first[known]
        return _Images(
            names=names[kept],
            rows=np.argsort(images, kind="stable"),
            starts=(np.cumsum(counts) - counts)[kept],
            counts=counts[kept],
            people=people[kept],
        )

    def _rows_of(self, index: int) -> NDArray[np.int64]:
        """Return which rows of `truth` are in an image."""
        start = self._images.starts[index]
        return self._images.rows[start : start + self._images.counts[index]]

    def _picture(self, index: int) -> Sample:
        """Return a sample with the image, or where it is read from, and nothing else."""
        person = int(self._images.people[index])
        if person < 0:
            return {"image_path": str(self.truth.image_paths[self._rows_of(index)[0]])}
        sample = self.dataset[person]
        if "matrix" in sample:
            raise ValueError(
                f"{self.name} gives parts of images, and a scene is a whole one; put CachedRegions "
                "around Scenes"
            )
        if "image" in sample:
            return {"image": sample["image"]}
        return {"image_path": sample["image_path"]}


def with_everyone(sample: Sample, everyone: People) -> Sample:
    """Return an image's sample with who is to be found in it, and the boxes of who is not."""
    found = everyone.to_find
    boxes = everyone.boxes[~found]
    has_size = np.isfinite(boxes).all(axis=-1) & (sides_of(boxes) > 0).all(axis=-1)
    return {
        **sample,
        "keypoints": everyone.keypoints[found],
        "visible": everyone.visible[found],
        "ignored": boxes[has_size],
    }


class _Images(NamedTuple):
    """The images as flat arrays: of lists, each worker would get a copy of its own by reading them.

    Attributes:
        names: (I,) what they are called.
        rows: (N,) the rows of `truth`, image by image, those of images that are left out as well.
        starts: (I,) where in `rows` each image's begin.
        counts: (I,) and how many there are.
        people: (I,) the data set's row of one person of each; -1 where there is none.
    """

    names: NDArray[np.str_]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    people: NDArray[np.int64]
