"""Checks of what a config and a data set give a transform."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Sample, Skeleton


def check_size(size: Sequence[int]) -> tuple[int, int]:
    """Return (width, height) if it is one.

    Raises:
        ValueError: `size` is not two positive whole numbers.
    """
    pair = list(size) if isinstance(size, Sequence) else []
    if len(pair) != 2 or not all(isinstance(n, int) and n > 0 for n in pair):
        raise ValueError(
            f"size={size!r} is not a crop's (width, height); give two positive whole numbers, "
            "such as size=(256, 256)"
        )
    return pair[0], pair[1]


def check_probability(probability: float) -> float:
    """Return a probability if it is one.

    Raises:
        ValueError: It is below 0 or above 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"probability={probability!r} is not one; give a number from 0 to 1")
    return float(probability)


def check_positive(name: str, value: float) -> float:
    """Return a number if it is positive and finite.

    Raises:
        ValueError: It is not; the message calls it `name`.
    """
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}={value!r} is not allowed; give a number above 0")
    return float(value)


def check_strength(name: str, value: float, *, most: float) -> float:
    """Return how far a random factor may stray, if it is in [0, most].

    Raises:
        ValueError: It is not; the message calls it `name`.
    """
    if not 0 <= value <= most:
        raise ValueError(f"{name}={value!r} is not allowed; give a number from 0 to {most:g}")
    return float(value)


def check_range(name: str, values: Sequence[float], *, most: float) -> tuple[float, float]:
    """Return (low, high) if 0 < low <= high <= most.

    Raises:
        ValueError: It is not so; the message calls it `name`.
    """
    pair = list(values) if isinstance(values, Sequence) else []
    if len(pair) != 2 or not 0 < pair[0] <= pair[1] <= most:
        raise ValueError(
            f"{name}={values!r} is not a range; give (low, high) with 0 < low <= high"
            + (f" <= {most:g}" if most < float("inf") else "")
        )
    return float(pair[0]), float(pair[1])


def check_keypoints(sample: Sample, skeleton: Skeleton) -> None:
    """Refuse a sample whose keypoints are not the skeleton's.

    Raises:
        ValueError: The sample has another number of keypoints than the skeleton.
    """
    found = sample["keypoints"].shape[-2]
    if found != skeleton.num_keypoints:
        raise ValueError(
            f"the sample has {found} keypoints but skeleton '{skeleton.name}' has "
            f"{skeleton.num_keypoints}; give the transform the data set's skeleton"
        )


def size_of(sample: Sample) -> tuple[int, int]:
    """Return (width, height) of a sample's picture, made or deferred.

    Raises:
        ValueError: It has no image yet.
    """
    image = image_of(sample)
    if "deferred" in sample:
        return sample["deferred"].size
    return image.shape[1], image.shape[0]


def image_of(sample: Sample) -> NDArray[np.uint8]:
    """Return a sample's image.

    Raises:
        ValueError: It has none yet.
    """
    if "image" not in sample:
        raise ValueError("the sample has no image yet; put Read before this transform")
    return sample["image"]
