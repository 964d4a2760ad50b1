from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample
from poseforge.transforms.arguments import check_probability, check_range, image_of
from poseforge.transforms.base import Transform

FILLS = ("noise", "mean")


@TRANSFORMS.register_module()
class CutOut(Transform):
    """Cover random rectangles of the picture; the keypoints beneath stay labelled.

    Args:
        probability: How often a picture is covered at all.
        max_count: A covered picture has 1 ... max_count rectangles.
        part: Range of a rectangle's sides relative to the picture's shorter side.
        fill: "noise" for random pixels, "mean" for the picture's mean colour.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        probability: float = 0.5,
        max_count: int = 2,
        part: Sequence[float] = (0.1, 0.3),
        fill: Literal["noise", "mean"] = "noise",
    ) -> None:
        self.probability = check_probability(probability)
        self.part = check_range("part", part, most=1)
        if max_count < 1:
            raise ValueError(f"max_count={max_count} is not allowed; give 1 or more rectangles")
        if fill not in FILLS:
            raise ValueError(f"fill={fill!r} is not known; choose one of {', '.join(FILLS)}")
        self.max_count = max_count
        self.fill = fill

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        if rng.random() >= self.probability:
            return sample
        image = image_of(sample).copy()
        mean = image_of(sample).mean(axis=(0, 1))
        for _ in range(rng.integers(self.max_count) + 1):
            hole = self._hole(image, rng)
            if self.fill == "mean":
                hole[:] = np.rint(mean)
            else:
                hole[:] = rng.integers(256, size=hole.shape, dtype=np.uint8)
        return {**sample, "image": image}

    def _hole(self, image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return a view of a random rectangle that lies wholly inside the image."""
        height, width = image.shape[:2]
        sides = rng.uniform(*self.part, size=2) * min(width, height)
        w, h = np.maximum(1, np.rint(sides)).astype(int)
        x, y = rng.integers(width - w + 1), rng.integers(height - h + 1)
        return image[y : y + h, x : x + w]
