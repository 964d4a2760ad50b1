from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample
from poseforge.transforms.arguments import check_probability, check_range, size_of
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
        size = size_of(sample)
        holes = np.zeros((self.max_count, 4), np.int64)
        side = max(1, round(self.part[1] * min(size)))  # of the largest hole
        noise = np.zeros((side, side, 3), np.uint8) if self.fill == "noise" else None
        if rng.random() < self.probability:
            for row in range(rng.integers(self.max_count) + 1):
                holes[row] = self._hole(size, rng)
            if noise is not None:
                noise = rng.integers(256, size=noise.shape, dtype=np.uint8)
        elif "deferred" not in sample:
            return sample
        if "deferred" in sample:
            return {**sample, "deferred": replace(sample["deferred"], holes=holes, noise=noise)}
        return {**sample, "image": _cover(sample["image"], holes, noise)}

    def _hole(self, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return a random rectangle x1 y1 x2 y2, ends excluded, that lies wholly inside."""
        sides = rng.uniform(*self.part, size=2) * min(size)
        w, h = np.maximum(1, np.rint(sides)).astype(int)
        x, y = rng.integers(size[0] - w + 1), rng.integers(size[1] - h + 1)
        return np.array([x, y, x + w, y + h])


def _cover(
    image: NDArray[np.uint8], holes: NDArray[np.int64], noise: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    """Return the image with rectangles of its mean colour, or of noise repeated side by side."""
    covered = image.copy()
    if noise is None:
        noise = np.rint(image.mean(axis=(0, 1), keepdims=True)).astype(np.uint8)
    for x1, y1, x2, y2 in holes:
        rows, columns = (np.arange(*ends) % len(noise) for ends in ((y1, y2), (x1, x2)))
        covered[y1:y2, x1:x2] = noise[rows[:, None], columns]
    return covered
