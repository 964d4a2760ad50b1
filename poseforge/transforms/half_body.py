from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample, Skeleton, as_skeleton, boxes
from poseforge.transforms.arguments import check_keypoints, check_probability
from poseforge.transforms.base import Transform


@TRANSFORMS.register_module()
class HalfBody(Transform):
    """Put the box around the upper or the lower half of the body, as if the rest were cut off.

    Only `box` changes. Put this before `Read` and the crop, so that `center` becomes the new box's
    middle.

    Args:
        skeleton: Name, fields or object; its `upper_body` tells the halves apart.
        probability: How often.
        min_keypoints: A half with fewer labelled keypoints is not chosen.

    Raises:
        ValueError: The skeleton has no upper or no lower half, an argument is out of its range, or
            (when called) the sample has other keypoints than the skeleton, or is a scene.
    """

    def __init__(
        self,
        skeleton: str | Mapping[str, Any] | Skeleton,
        probability: float = 0.3,
        min_keypoints: int = 3,
    ) -> None:
        self.skeleton = as_skeleton(skeleton)
        self.probability = check_probability(probability)
        if min_keypoints < 2:
            raise ValueError(
                f"min_keypoints={min_keypoints} is not allowed; a box needs at least 2 keypoints"
            )
        self.min_keypoints = min_keypoints
        upper = np.isin(self.skeleton.keypoints, self.skeleton.upper_body)
        if upper.all() or not upper.any():
            raise ValueError(
                f"skeleton '{self.skeleton.name}' does not have two halves; give it an "
                "'upper_body' that names some of its keypoints, or leave HalfBody out"
            )
        self._halves: list[NDArray[np.bool_]] = [upper, ~upper]  # each (K,)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        check_keypoints(sample, self.skeleton)
        if sample["visible"].ndim > 1:
            raise ValueError(
                "HalfBody cuts one person in two, but the sample is a scene of several; leave it "
                "out for Scenes"
            )
        if rng.random() >= self.probability:
            return sample
        halves = [np.where(half, sample["visible"], 0) for half in self._halves]
        halves = [visible for visible in halves if (visible > 0).sum() >= self.min_keypoints]
        found = [boxes.box_of_points(sample["keypoints"], visible) for visible in halves]
        found = [box for box in found if boxes.longest_side(box) > 0]  # not all on one spot
        if not found:
            return sample
        return {**sample, "box": found[int(rng.integers(len(found)))]}
