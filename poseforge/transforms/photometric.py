from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample
from poseforge.structures.affine import Floats
from poseforge.transforms.arguments import (
    check_probability,
    check_range,
    check_strength,
    image_of,
)
from poseforge.transforms.base import Transform

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601: how bright red, green and blue look
MID_GREY = 127.5
# From RGB to BT.601 brightness and two colour differences; a hue is an angle in their plane.
TO_YIQ = np.array([LUMA, [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])
FROM_YIQ = np.linalg.inv(TO_YIQ)


@TRANSFORMS.register_module()
class ColorJitter(Transform):
    """Change brightness, contrast, saturation and hue at random.

    All four are linear in the colours, so that they are one 3 x 4 matrix a picture and one pass.

    Args:
        brightness: Colours are multiplied by 1 - brightness ... 1 + brightness.
        contrast: Distances from mid-grey are multiplied by 1 - contrast ... 1 + contrast.
        saturation: Distances from the grey of equal brightness are multiplied by
            1 - saturation ... 1 + saturation.
        hue_deg: The colour wheel turns by at most this much, either way.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        saturation: float = 0.2,
        hue_deg: float = 10.0,
    ) -> None:
        self.brightness = check_strength("brightness", brightness, most=1)
        self.contrast = check_strength("contrast", contrast, most=1)
        self.saturation = check_strength("saturation", saturation, most=1)
        self.hue_deg = check_strength("hue_deg", hue_deg, most=180)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        limits = np.array([self.brightness, self.contrast, self.saturation])
        brightness, contrast, saturation = 1 + limits * rng.uniform(-1, 1, size=3)
        hue_deg = self.hue_deg * rng.uniform(-1, 1)
        colors = color_matrix(brightness, contrast, saturation, hue_deg)
        if "deferred" in sample:
            return {**sample, "deferred": replace(sample["deferred"], colors=colors)}
        return {**sample, "image": np.asarray(cv2.transform(image_of(sample), colors), np.uint8)}


@TRANSFORMS.register_module()
class Blur(Transform):
    """Blur the picture by a Gaussian of random width.

    Args:
        probability: How often.
        sigma_px: Range of the Gaussian's standard deviation, pixels of the current image.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(self, probability: float = 0.1, sigma_px: Sequence[float] = (0.3, 2.0)) -> None:
        self.probability = check_probability(probability)
        self.sigma_px = check_range("sigma_px", sigma_px, most=100)

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        if rng.random() >= self.probability:
            return sample
        blurred = cv2.GaussianBlur(image_of(sample), (0, 0), rng.uniform(*self.sigma_px))
        return {**sample, "image": np.asarray(blurred, np.uint8)}


def color_matrix(brightness: float, contrast: float, saturation: float, hue_deg: float) -> Floats:
    """Return the (3, 4) map of RGB colours that turns the hue, then sets the three factors."""
    angle = np.deg2rad(hue_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = FROM_YIQ @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ TO_YIQ
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    linear = brightness * contrast * saturate @ turn
    return np.column_stack([linear, np.full(3, MID_GREY * (1 - contrast))])
