"""Scenes: the picture of one person, from its geometry and its generator."""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.appearance import sample_appearance
from poseforge.datasets.synthetic.background import draw_background
from poseforge.datasets.synthetic.draws import Dice
from poseforge.datasets.synthetic.effects import cast_shadow, draw_objects, photograph
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.raster import Pixels, rasterize
from poseforge.datasets.synthetic.shading import contact_shadow, shade
from poseforge.structures.affine import Floats

# A block of 4 x 4 canvas pixels becomes 3 x 3 pixels of the picture.
_FINE, _COARSE = 4, 3


def draw_person(
    geometry: Geometry, person: int, size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a square picture (size, size, 3) RGB of one person of a batch.

    Args:
        geometry: Of N people.
        person: Which of them.
        size: Side of the picture that the geometry is for, pixels.
        rng: The person's generator, after the geometry's numbers were taken.
    """
    dice = Dice(rng)
    looks = sample_appearance(dice, geometry.build, person)
    image = draw_background(dice, geometry, person, size)
    image = cast_shadow(image, dice, geometry, person)
    side = -(-size // _COARSE) * _FINE
    pixels = rasterize(geometry, person, side, _FINE / _COARSE)
    if len(pixels.row):
        color = shade(pixels, geometry, person, looks, dice)
        color *= contact_shadow(pixels, side)
        _lay_over(image, pixels, color)
    draw_objects(image, dice, geometry, person)
    return photograph(image, dice)


def _lay_over(image: NDArray[np.uint8], pixels: Pixels, color: Floats) -> None:
    """Shrink an oversampled person and lay it over the background, in place."""
    blocks = [
        (int(v.min()) // _FINE, int(v.max()) // _FINE + 1) for v in (pixels.row, pixels.column)
    ]
    (top, bottom), (left, right) = blocks
    height, width = (bottom - top) * _FINE, (right - left) * _FINE
    place = (pixels.row - top * _FINE) * width + pixels.column - left * _FINE
    planes = np.zeros((4, height * width), dtype=np.uint8)
    for plane, channel in zip(planes, np.minimum(color, 255).astype(np.uint8), strict=False):
        plane[place] = channel
    planes[3][place] = 255
    canvas = cv2.merge(list(planes.reshape(4, height, width)))
    size = ((right - left) * _COARSE, (bottom - top) * _COARSE)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    window = image[top * _COARSE : bottom * _COARSE, left * _COARSE : right * _COARSE]
    # Pictures of odd size end inside the last block.
    *channels, cover = cv2.split(small[: window.shape[0], : window.shape[1]])
    rest = cv2.merge([cv2.bitwise_not(cover)] * 3)
    window[:] = cv2.add(cv2.multiply(window, rest, scale=1 / 255), cv2.merge(channels))
