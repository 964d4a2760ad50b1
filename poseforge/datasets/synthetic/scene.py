"""Scenes: the picture of one or several people, from their geometry and their generators."""

from collections.abc import Sequence

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


def draw_people(
    geometry: Geometry, order: Sequence[int], size: int, rngs: Sequence[np.random.Generator]
) -> NDArray[np.uint8]:
    """Draw a square picture (size, size, 3) RGB of some people of a batch.

    Place, light and camera are the first person's; what stands before people is before all of them.

    Args:
        geometry: Of N people.
        order: Which of them, from behind to the front.
        size: Side of the picture that the geometry is for, pixels.
        rngs: The generators of these people, after the geometry's numbers were taken.
    """
    cast = [(person, Dice(rng)) for person, rng in zip(order, rngs, strict=True)]
    looks = [sample_appearance(dice, geometry.build, person) for person, dice in cast]
    first, first_dice = cast[0]
    image = draw_background(first_dice, geometry, first, size)
    side = -(-size // _COARSE) * _FINE
    for (person, dice), dressed in zip(cast, looks, strict=True):
        image = cast_shadow(image, dice, geometry, person)
        pixels = rasterize(geometry, person, side, _FINE / _COARSE)
        if len(pixels.row):
            color = shade(pixels, geometry, person, dressed, dice)
            color *= contact_shadow(pixels, side)
            _lay_over(image, pixels, color)
    for person, dice in cast:
        draw_objects(image, dice, geometry, person)
    return photograph(image, first_dice)


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
