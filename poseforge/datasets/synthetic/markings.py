"""Markings: the face and the front of clothes, which tell a person's front from its back."""

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.appearance import Appearance
from poseforge.structures.affine import Floats

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


def paint_front(color: Floats, rows: Rows, points: Floats, looks: Appearance) -> None:
    """Draw what is on a chest or a back, in place.

    Args:
        color: (3, M) RGB.
        rows: (R,) pixels of the upper garment on the trunk.
        points: (3, R) where they are in the chest's frame, statures.
        looks: Says what is on the front.
    """
    if not len(rows):
        return
    x, y, z = points
    side, front = np.abs(x), z > 0
    if looks.front == "plain":
        neckline = front & (side < 0.35 * y - 0.030) & (y < 0.175)
        color[:, rows[neckline]] = looks.skin[:, None]
        return
    mark: Mask
    if looks.front == "zip":
        mark = front & (side < 0.006)
    elif looks.front == "vest":
        mark = front & (side < 0.030)
    elif looks.front == "logo":
        mark = front & (side < 0.045) & (np.abs(y - 0.085) < 0.022)
    else:
        stroke = np.abs(side - 0.03)
        mark = ~front & (np.abs(y - 0.07) < 0.045) & (stroke < 0.018)
        mark &= np.abs(stroke - 0.009) > 0.003
        mark |= front & (np.abs(x - 0.03) < 0.012) & (np.abs(y - 0.10) < 0.014)
    color[:, rows[mark]] = looks.upper.other[:, None]


def paint_face(color: Floats, rows: Rows, points: Floats, looks: Appearance) -> None:
    """Draw eyes, brows, mouth and beard, in place.

    Args:
        color: (3, M) RGB.
        rows: (R,) pixels of the head.
        points: (3, R) where they are in the head's frame, statures.
        looks: Skin, hair and beard.
    """
    ahead = np.flatnonzero(points[2] > 0.015)
    if not len(ahead):
        return
    rows = rows[ahead]
    x, y, _ = points[:, ahead]
    side = np.abs(x)
    skin = color[:, rows]
    skin *= 1 - 0.28 * np.exp(-(((side - 0.020) / 0.013) ** 2) - ((y - 0.049) / 0.011) ** 2)
    if looks.beard:
        chin = (y < 0.016) & ((y < 0.003) | (side > 0.020) | (y > 0.011))
        skin[:, chin] += looks.beard * (looks.hair[:, None] - skin[:, chin])
    mouth = _ellipse(x, y - 0.007, 0.0185, 0.0050)
    skin[:, mouth] *= np.array([[0.80], [0.48], [0.48]], dtype=np.float32)
    skin[:, _ellipse(side - 0.020, y - 0.046, 0.0100, 0.0056)] = 215
    skin[:, _ellipse(side - 0.020, y - 0.046, 0.0056, 0.0060)] = 30
    brow = (side > 0.007) & (side < 0.032) & (np.abs(y - 0.060 + 8 * (side - 0.02) ** 2) < 0.0036)
    skin[:, brow] = 0.75 * looks.hair[:, None] + 0.25 * skin[:, brow]
    color[:, rows] = skin


def _ellipse(x: Floats, y: Floats, half_width: float, half_height: float) -> Mask:
    inside: Mask = (x / half_width) ** 2 + (y / half_height) ** 2 < 1
    return inside
