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

    @property
    def everyone(self) -> People:
        """All people, and somebody without labels and extent in each image without people.

        People without labels are not searched for, and nothing is similar to somebody without
        extent: every pose in such an image is a false one, as in COCO's evaluation.
        """
        empty = ~np.isin(self.images.ids, self.people.image_ids)
        if not empty.any():
            return self.people
        count, keypoints = int(empty.sum()), self.skeleton.num_keypoints
        nobody = People(
            image_paths=self.images.paths[empty],
            keypoints=np.zeros((count, keypoints, 2), dtype=np.float32),
            visible=np.zeros((count, keypoints), dtype=np.float32),
            boxes=np.zeros((count, 4), dtype=np.float32),
            ids=np.char.add(self.images.ids[empty], "/nobody"),
            image_ids=self.images.ids[empty],
            areas=np.zeros(count if len(self.people.areas) else 0, dtype=np.float32),
        )
        return People.concatenate([self.people, nobody])
