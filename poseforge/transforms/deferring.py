"""Leaving the pixels to the device, where the transforms allow it."""

from collections.abc import Sequence

import numpy as np

from poseforge.structures import Sample, affine
from poseforge.structures.deferred import Deferred
from poseforge.transforms.base import Transform
from poseforge.transforms.geometry import Crop, Flip, RandomCrop
from poseforge.transforms.occlusion import CutOut
from poseforge.transforms.photometric import ColorJitter

# The order in which the device makes a picture.
STEPS: dict[type[Transform], int] = {Crop: 0, RandomCrop: 0, Flip: 1, ColorJitter: 2, CutOut: 3}


def defer(transforms: Sequence[Transform]) -> list[Transform]:
    """Return the transforms so that from the crop on they draw and move points only.

    They draw the same random numbers and move points alike; what they would have done to the pixels
    is in the sample's `deferred`, which `Pack` sends, and `make_pictures` does it on the device.

    Raises:
        ValueError: There is no crop, or one of the transforms from it on cannot be deferred.
    """
    transforms = list(transforms)
    start = next((i for i, part in enumerate(transforms) if STEPS.get(type(part)) == 0), None)
    if start is None:
        raise ValueError(
            "there is no crop to make on the device; add Crop or RandomCrop to the transforms, or "
            "set augment='cpu'"
        )
    for first, second in zip(transforms[start:], transforms[start + 1 :], strict=False):
        if STEPS.get(type(second), -1) <= STEPS[type(first)]:
            names = type(second).__name__, type(first).__name__
            raise ValueError(
                f"{names[0]} cannot be made on the device after {names[1]}; what is made there is "
                "one crop, then Flip, ColorJitter and CutOut, each once: put it before the crop, "
                "or set augment='cpu'"
            )
    return [*transforms[:start], _Defer(), *transforms[start:]]


class _Defer(Transform):
    """From here on the picture is planned, not made; the crop, which is next, gives it a size."""

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        return {**sample, "deferred": Deferred((0, 0), affine.identity())}
