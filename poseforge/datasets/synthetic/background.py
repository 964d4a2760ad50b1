"""Backgrounds: places with ground and horizon, clutter, and people far away."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.draws import Dice
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.structures.affine import Floats

Image = NDArray[np.uint8]
Color = tuple[float, float, float]

_BITS = 3  # OpenCV's fixed-point bits: positions to an eighth of a pixel
_SHEET = 1024  # side of the sheet that textures are cut from, pixels


def draw_background(dice: Dice, geometry: Geometry, person: int, size: int) -> Image:
    """Draw a place (size, size, 3) RGB behind a person, without the person."""
    image = _gradient(dice, size)
    is_place = dice.chance(0.78)
    if is_place:
        dice.choose((_draw_houses, _draw_trees, _draw_wall, _draw_things))(image, dice)
    else:
        draw_clutter(image, dice, dice.count(4, 14))
    if dice.chance(0.3):
        _draw_crowd(image, dice)
    if is_place:
        _draw_ground(image, dice, geometry, person)
    if dice.chance(0.5):
        draw_clutter(image, dice, dice.count(1, 5))
    if dice.chance(0.35):
        _draw_limbs(image, dice)
    image = _grain(image, dice)
    # Two box filters are close to a Gaussian and cost less.
    reach = 2 * round(dice.choose((0.0, 0.006, 0.015, 0.03)) * size) + 1
    if reach > 1:
        image = cv2.blur(cv2.blur(image, (reach, reach)), (reach, reach)).astype(
            np.uint8, copy=False
        )
    return image


def _color(dice: Dice, spread: float = 45, around: Color | None = None) -> Color:
    """Draw a dull colour, or one near another."""
    value = dice.between(30, 225)
    r, g, b = around or (value, value, value)
    red = r + dice.between(-spread, spread)
    green = g + dice.between(-spread, spread)
    blue = b + dice.between(-spread, spread)
    return min(max(red, 0), 255), min(max(green, 0), 255), min(max(blue, 0), 255)


def _dim(color: Color, factor: float) -> Color:
    r, g, b = color
    return min(r * factor, 255), min(g * factor, 255), min(b * factor, 255)


def _gradient(dice: Dice, size: int) -> Image:
    """Return a picture that is a vertical gradient, often a sky's."""
    top, bottom = _color(dice), _color(dice)
    if dice.chance(0.45):
        top = _dim((120, 165, 215), dice.between(0.7, 1.15))
        bottom = _dim((205, 220, 232), dice.between(0.8, 1.1))
    ends = np.array([[top], [bottom]], dtype=np.uint8)
    column = cv2.resize(ends, (1, size), interpolation=cv2.INTER_LINEAR).reshape(size, 1, 3)
    return cv2.repeat(column, 1, size).astype(np.uint8, copy=False)


def _draw_houses(image: Image, dice: Dice) -> None:
    size, x = len(image), -0.1
    while x < 1:
        width, top = dice.between(0.2, 0.45), dice.between(0.0, 0.5)
        color = _color(dice, 20)
        corner = (int(x * size), int(top * size))
        cv2.rectangle(image, corner, (int((x + width) * size), size), color, -1)
        step = max(5, int(size * dice.between(0.06, 0.12)))
        window = _dim(color, dice.choose((0.5, 0.65, 1.3)))
        for row in range(corner[1] + step // 2, int(0.75 * size), step):
            for column in range(corner[0] + step // 2, int((x + width) * size) - step // 2, step):
                cv2.rectangle(
                    image, (column, row), (column + step // 3, row + step // 2), window, -1
                )
        x += width


def _draw_trees(image: Image, dice: Dice) -> None:
    size = len(image)
    leaf = (dice.between(35, 95), dice.between(75, 130), dice.between(25, 65))
    for _ in range(dice.count(5, 14)):
        center = (int(dice.between(0, size)), int(dice.between(0.05, 0.6) * size))
        radius = size * dice.between(0.07, 0.2)
        color = _dim(leaf, dice.between(0.55, 1.25))
        trunk = (center[0], int(0.9 * size))
        cv2.line(image, center, trunk, (70, 55, 42), max(1, int(radius * 0.25)))
        for _ in range(3):
            x = center[0] + dice.between(-0.6, 0.6) * radius
            y = center[1] + dice.between(-0.6, 0.6) * radius
            cv2.circle(image, (int(x), int(y)), int(radius * dice.between(0.5, 0.9)), color, -1)
            color = _dim(color, dice.between(0.88, 1.12))


def _draw_wall(image: Image, dice: Dice) -> None:
    size = len(image)
    color = _color(dice, 22)
    image[:] = color
    line = _dim(color, dice.choose((0.75, 0.9, 1.1)))
    step = max(5, int(size * dice.between(0.07, 0.25)))
    for at in range(dice.count(0, step), size, step):
        cv2.line(image, (0, at), (size, at), line, 1)
    if dice.chance(0.5):
        for at in range(dice.count(0, step), size, 2 * step):
            cv2.line(image, (at, 0), (at, size), line, 1)
    for _ in range(dice.count(0, 4)):
        x, y = dice.between(0, 0.9) * size, dice.between(0, 0.5) * size
        width, height = dice.between(0.1, 0.35) * size, dice.between(0.1, 0.4) * size
        low, high = (int(x), int(y)), (int(x + width), int(y + height))
        cv2.rectangle(image, low, high, _color(dice), -1)
        cv2.rectangle(image, low, high, _dim(color, 0.6), max(1, size // 60))


def _draw_things(image: Image, dice: Dice) -> None:
    draw_clutter(image, dice, dice.count(3, 9))


def draw_clutter(image: Image, dice: Dice, count: int) -> None:
    """Draw polygons, ellipses and bars of all colours, in place."""
    size = len(image)
    for _ in range(count):
        color = _color(dice, 55)
        x, y = dice.between(0, size), dice.between(0, size)
        width, height = size * dice.between(0.03, 0.25), size * dice.between(0.03, 0.25)
        kind = dice.count(0, 4)
        if kind == 0:
            corners = [
                (x + dice.between(-width, width), y + dice.between(-height, height))
                for _ in range(dice.count(3, 6))
            ]
            cv2.fillPoly(image, [_fixed(np.array(corners))], color, cv2.LINE_8, _BITS)
        elif kind == 1:
            cv2.ellipse(image, ((x, y), (2 * width, 2 * height), dice.between(0, 180)), color, -1)
        elif kind == 2:
            low, high = (int(x - width), int(y - height)), (int(x + width), int(y + height))
            cv2.rectangle(image, low, high, color, -1)
        else:
            end = (int(dice.between(-0.2, 1.2) * size), int(dice.between(-0.2, 1.2) * size))
            thickness = dice.count(1, max(2, size // 24))
            cv2.line(image, (int(x), int(y)), end, color, thickness, cv2.LINE_AA)


def _draw_limbs(image: Image, dice: Dice) -> None:
    """Draw things that are shaped and coloured like limbs, but are none."""
    size = len(image)
    for _ in range(dice.count(1, 5)):
        is_skin = dice.chance(0.5)
        color = _dim((200, 150, 120), dice.between(0.4, 1.2)) if is_skin else _color(dice)
        thickness = int(size * dice.between(0.03, 0.07)) + 1
        x, y = dice.between(-0.1, 1.1), dice.between(-0.1, 1.1)
        for _ in range(2):
            start = (int(x * size), int(y * size))
            x, y = x + dice.between(-0.25, 0.25), y + dice.between(-0.25, 0.25)
            end = (int(x * size), int(y * size))
            cv2.line(image, start, end, color, thickness, cv2.LINE_AA)


def _draw_crowd(image: Image, dice: Dice) -> None:
    """Draw people far away: legs, a trunk and a head each."""
    size = len(image)
    height, feet = size * dice.between(0.15, 0.38), size * dice.between(0.45, 0.8)
    for _ in range(dice.count(2, 9)):
        x, y = dice.between(0, size), feet + dice.between(-0.04, 0.04) * size
        skin = _dim((225, 175, 145), dice.between(0.35, 1.05))
        for up, wide, high, color in (
            (0.22, 0.13, 0.52, _color(dice)),
            (0.63, 0.22, 0.42, _color(dice, 80)),
            (0.91, 0.10, 0.15, skin),
        ):
            center, axes = (x, y - up * height), (wide * height, high * height)
            cv2.ellipse(image, (center, axes, 0.0), color, -1)


def _draw_ground(image: Image, dice: Dice, geometry: Geometry, person: int) -> None:
    """Fill what lies below the camera's horizon, and draw lines on the ground."""
    size = len(image)
    up = geometry.view.rotation[person, :, 1]
    # A ray meets the ground where its upward component is negative: a half-plane of the picture.
    normal = up[:2] / geometry.lens.focal_px[person]
    offset = up[2] - normal @ geometry.lens.center_px[person]
    length = float(np.hypot(*normal))
    if length < 1e-6:
        return
    normal, offset = normal / length, offset / length
    along = np.array([-normal[1], normal[0]])
    middle = np.full(2, size / 2)
    horizon = middle - (normal @ middle + offset) * normal
    # A horizon outside the picture is drawn at its border: walls and woods hide the real one.
    away = float(normal @ (horizon - middle))
    horizon = horizon + (min(max(away, -0.15 * size), 0.38 * size) - away) * normal
    ends = np.array([horizon - 4 * size * along, horizon + 4 * size * along])
    corners = np.concatenate([ends, ends[::-1] - 4 * size * normal])
    color = _color(dice, 25)
    if dice.chance(0.35):
        color = _dim((80, 122, 58), dice.between(0.6, 1.5))
    cv2.fillPoly(image, [_fixed(corners)], color, cv2.LINE_AA, _BITS)
    line = _dim(color, dice.choose((0.85, 1.12, 1.5)))
    for _ in range(dice.count(0, 7)):
        below = ends - size * dice.roll() ** 2 * normal
        below[1] += dice.between(-0.2, 0.2) * size * normal
        cv2.polylines(image, [_fixed(below)], False, line, 1, cv2.LINE_AA, _BITS)


def _fixed(points: Floats) -> NDArray[np.int32]:
    return np.round(points * (1 << _BITS)).astype(np.int32)


@cache
def _sheet(zoom: int) -> Image:
    """Return a sheet of noise of several grains, the same in every process."""
    rng = np.random.default_rng(20210)
    sheet = np.zeros((_SHEET, _SHEET), dtype=np.float32)
    for grain, weight in ((1, 9.0), (3, 8.0), (8, 9.0), (24, 11.0)):
        side = _SHEET // (grain * zoom) + 2
        coarse = rng.standard_normal((side, side), dtype=np.float32)
        sheet += weight * cv2.resize(coarse, (_SHEET, _SHEET), interpolation=cv2.INTER_LINEAR)
    gray = np.clip(128 + sheet, 0, 255).astype(np.uint8)
    return cv2.merge([gray] * 3).astype(np.uint8, copy=False)


def _grain(image: Image, dice: Dice) -> Image:
    """Add texture: a piece of the sheet of noise."""
    size, sheet = len(image), _sheet(dice.choose((1, 1, 2, 3)))
    strength = dice.between(0.1, 0.9)
    width = min(size, _SHEET)
    x, y = dice.count(0, _SHEET - width + 1), dice.count(0, _SHEET - width + 1)
    piece = sheet[y : y + width, x : x + width]
    if width < size:
        piece = cv2.resize(piece, (size, size)).astype(np.uint8, copy=False)
    return cv2.addWeighted(image, 1.0, piece, strength, -128 * strength).astype(
        np.uint8, copy=False
    )
