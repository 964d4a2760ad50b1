"""Predictions for a whole data set: one a person, joined by id, or detections in images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class Predictions:
    """One pose for each of N people.

    Attributes:
        ids: (N,) whose pose it is, as `People.ids` calls them.
        keypoints: (N, K, 2) float32, image pixels; NaN where nothing is predicted.
        scores: (N, K) float32, higher is surer.
    """

    ids: NDArray[np.str_]
    keypoints: Floats
    scores: Floats

    def __len__(self) -> int:
        return len(self.keypoints)


@dataclass(frozen=True)
class Detections:
    """M poses found in images, any number an image.

    Attributes:
        image_ids: (M,) as `People.image_names` calls the images.
        keypoints: (M, K, 2) float32, image pixels.
        scores: (M, K) float32, higher is surer.
        person_scores: (M,) float32, what the poses are ranked by.
    """

    image_ids: NDArray[np.str_]
    keypoints: Floats
    scores: Floats
    person_scores: Floats

    def __len__(self) -> int:
        return len(self.keypoints)
