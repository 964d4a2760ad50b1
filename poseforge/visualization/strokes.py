"""Lines, dots and rings, drawn into a picture at fractions of a pixel and with smooth edges."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats

Image: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]

OUTLINE: Colour = (25, 25, 25)

# OpenCV draws at 1/16 of a pixel when coordinates are integers with this many fractional bits.
FRACTION_BITS = 4


def line(canvas: Image, start: Floats, end: Floats, colour: Colour, width: int) -> None:
    """Draw a line between two points (2,)."""
    ends = _fixed_point(start), _fixed_point(end)
    cv2.line(canvas, *ends, colour, width, cv2.LINE_AA, FRACTION_BITS)


def dot(canvas: Image, point: Floats, colour: Colour, radius_px: float) -> None:
    """Draw a filled circle."""
    _circle(canvas, point, colour, radius_px, cv2.FILLED)


def ring(canvas: Image, point: Floats, colour: Colour, radius_px: float, width: int) -> None:
    """Draw a circle; smooth edges make its line up to 2 pixels wider than `width`."""
    _circle(canvas, point, colour, radius_px, width)


def dotted_line(
    canvas: Image, start: Floats, end: Floats, colour: Colour, *, radius_px: float, gap_px: float
) -> None:
    """Draw outlined dots at even distances, about `gap_px`, from one end to the other."""
    count = max(1, round(float(np.hypot(*(end - start))) / gap_px))
    for share in np.linspace(0, 1, count + 1):
        point = start + share * (end - start)
        dot(canvas, point, OUTLINE, radius_px + 1)
        dot(canvas, point, colour, radius_px)


def _circle(canvas: Image, point: Floats, colour: Colour, radius_px: float, width: int) -> None:
    radius = round(radius_px * 2**FRACTION_BITS)
    cv2.circle(canvas, _fixed_point(point), radius, colour, width, cv2.LINE_AA, FRACTION_BITS)


def _fixed_point(point: Floats) -> tuple[int, int]:
    x, y = np.rint(np.asarray(point, dtype=np.float64) * 2**FRACTION_BITS).astype(int).tolist()
    return x, y
