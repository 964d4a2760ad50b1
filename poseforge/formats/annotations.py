"""What every annotation file becomes, and what every annotation file is written from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import People, Skeleton


@dataclass(frozen=True)
class Images:
    """The images of an annotation file, those without people included.

    Attributes:
        ids: (I,) what `People.image_ids` refers to.
        paths: (I,) files.
        sizes: (I, 2) int64 width and height, pixels; 0 where the file does not tell.
    """

    ids: NDArray[np.str_]
    paths: NDArray[np.str_]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Annotations:
    """A whole annotation file.

    Attributes:
        skeleton: What the keypoints are.
        images: All images.
        people: All people, crowds and people without a labelled keypoint included, each with an
            image id.
    """

    skeleton: Skeleton
    images: Images
    people: People
