"""Scenes: the picture of one person, from its geometry and its generator."""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.appearance import sample_appearance
from poseforge.datasets.synthetic.background import draw_background
from poseforge.datasets.synthetic.effects import blend, cast_shadow, draw_objects, photograph
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.raster import Pixels, rasterize
from poseforge.datasets.synthetic.shading import contact_shadow, shade
from poseforge.structures.affine import Floats

_OVERSAMPLING = 2


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
    looks = sample_appearance(rng, geometry.build, person)
    image = draw_background(rng, geometry, person, size)
    image = cast_shadow(image, rng, geometry, person)
    side = size * _OVERSAMPLING
    pixels = rasterize(geometry, person, side, _OVERSAMPLING)
    if len(pixels.row):
        color = shade(pixels, geometry, person, looks, rng)
        color *= contact_shadow(pixels, side)[:, None]
        image = _compose(image, pixels, color)
    draw_objects(image, rng, geometry, person)
    return photograph(image, rng)


def _compose(image: NDArray[np.uint8], pixels: Pixels, color: Floats) -> NDArray[np.uint8]:
    """Shrink the oversampled person and lay it over the background."""
    low_row, low_column = (int(v.min()) // _OVERSAMPLING for v in (pixels.row, pixels.column))
    high_row, high_column = (int(v.max()) // _OVERSAMPLING + 1 for v in (pixels.row, pixels.column))
    height, width = high_row - low_row, high_column - low_column
    canvas = np.zeros((height * _OVERSAMPLING, width * _OVERSAMPLING, 4), dtype=np.float32)
    place = (pixels.row - low_row * _OVERSAMPLING, pixels.column - low_column * _OVERSAMPLING)
    canvas[(*place, slice(3))] = np.minimum(color, 255)
    canvas[(*place, 3)] = 1
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    window = image[low_row:high_row, low_column:high_column]
    image[low_row:high_row, low_column:high_column] = blend(window, small[..., :3], small[..., 3])
    return image
