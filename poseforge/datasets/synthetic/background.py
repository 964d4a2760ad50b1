"""Backgrounds: places with ground and horizon, clutter, and people far away."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.structures.affine import Floats

Image = NDArray[np.uint8]
_SHIFT = 3  # OpenCV's fixed-point bits: positions to an eighth of a pixel


def draw_background(rng: np.random.Generator, geometry: Geometry, person: int, size: int) -> Image:
    """Draw a place behind a person, without the person."""
    image = np.empty((size, size, 3), dtype=np.uint8)
    image[:] = _gradient(rng, size)
    is_place = rng.random() < 0.75
    if is_place:
        _draw_far(image, rng)
    else:
        _draw_clutter(image, rng, int(rng.integers(4, 18)))
    if rng.random() < 0.35:
        _draw_crowd(image, rng)
    if is_place:
        _draw_ground(image, rng, geometry, person)
    if rng.random() < 0.5:
        _draw_clutter(image, rng, int(rng.integers(1, 5)))
    if rng.random() < 0.4:
        _draw_limbs(image, rng)
    image = _grain(image, rng)
    blur = float(rng.choice([0.0, 0.006, 0.015])) * size
    return cv2.GaussianBlur(image, (0, 0), blur).astype(np.uint8) if blur else image


def _color(rng: np.random.Generator, spread: float = 45) -> tuple[float, float, float]:
    """Draw a dull colour."""
    r, g, b = np.clip(rng.uniform(25, 230) + rng.uniform(-spread, spread, 3), 0, 255)
    return float(r), float(g), float(b)


def _gradient(rng: np.random.Generator, size: int) -> Image:
    """Return a vertical gradient (size, 1, 3)."""
    top, bottom = np.array(_color(rng)), np.array(_color(rng))
    if rng.random() < 0.4:
        top, bottom = np.array([120, 165, 215]), np.array([205, 220, 232])
    share = np.linspace(0, 1, size)[:, None, None]
    return (top + (bottom - top) * share).astype(np.uint8)


def _draw_far(image: Image, rng: np.random.Generator) -> None:
    """Draw buildings, trees or a wall."""
    size = len(image)
    kind = rng.integers(4)
    if kind == 0:
        for x in np.arange(0, size, size * 0.2):
            width, top = size * rng.uniform(0.15, 0.35), size * rng.uniform(0.0, 0.5)
            color = _color(rng, 20)
            cv2.rectangle(image, (int(x), int(top)), (int(x + width), size), color, -1)
            window = tuple(c * 0.6 for c in color)
            step = max(4, int(size * rng.uniform(0.05, 0.09)))
            for y in range(int(top) + step, size, 2 * step):
                for column in range(int(x) + step // 2, int(x + width) - step // 2, 2 * step):
                    cv2.rectangle(image, (column, y), (column + step // 2, y + step), window, -1)
    elif kind == 1:
        base = np.array([rng.uniform(30, 90), rng.uniform(70, 130), rng.uniform(20, 60)])
        for _ in range(14):
            center = (int(rng.uniform(0, size)), int(rng.uniform(0.15, 0.7) * size))
            radius = int(size * rng.uniform(0.08, 0.22))
            color = tuple(float(c) for c in base * rng.uniform(0.5, 1.3))
            cv2.circle(image, center, radius, color, -1, cv2.LINE_AA)
    elif kind == 2:
        image[:] = _color(rng, 20)
        line = tuple(float(c) * rng.uniform(0.75, 1.1) for c in image[0, 0])
        step = max(4, int(size * rng.uniform(0.06, 0.25)))
        for y in range(int(rng.integers(step)), size, step):
            cv2.line(image, (0, y), (size, y), line, 1)
        _draw_clutter(image, rng, 3)
    else:
        _draw_clutter(image, rng, int(rng.integers(3, 9)))


def _draw_clutter(image: Image, rng: np.random.Generator, count: int) -> None:
    """Draw polygons, ellipses and bars of all colours."""
    size = len(image)
    for _ in range(count):
        color = _color(rng, 70)
        center = rng.uniform(0, size, 2)
        half = size * rng.uniform(0.03, 0.25, 2)
        kind = rng.integers(4)
        if kind == 0:
            corners = center + rng.uniform(-1, 1, (int(rng.integers(3, 6)), 2)) * half
            cv2.fillPoly(image, [_fixed(corners)], color, cv2.LINE_AA, _SHIFT)
        elif kind == 1:
            box = (center.tolist(), (2 * half).tolist(), rng.uniform(0, 180))
            cv2.ellipse(image, box, color, -1, cv2.LINE_AA)
        elif kind == 2:
            low, high = (center - half).astype(int), (center + half).astype(int)
            cv2.rectangle(image, low.tolist(), high.tolist(), color, -1)
        else:
            ends = rng.uniform(-0.2, 1.2, (2, 2)) * size
            width = int(rng.integers(1, max(2, size // 24)))
            cv2.line(image, *ends.astype(int).tolist(), color, width, cv2.LINE_AA)


def _draw_limbs(image: Image, rng: np.random.Generator) -> None:
    """Draw things that are shaped and coloured like limbs, but are none."""
    size = len(image)
    for _ in range(rng.integers(1, 5)):
        color = np.array([200, 150, 120]) * rng.uniform(0.4, 1.2)
        if rng.random() < 0.5:
            color = np.array(_color(rng))
        joints = rng.uniform(-0.1, 1.1, 2) + rng.uniform(-0.2, 0.2, (3, 2))
        width = int(size * rng.uniform(0.03, 0.07)) + 1
        for a, b in zip(joints[:-1], joints[1:], strict=True):
            ends = [(a * size).astype(int).tolist(), (b * size).astype(int).tolist()]
            cv2.line(image, *ends, np.minimum(color, 255).tolist(), width, cv2.LINE_AA)


def _draw_crowd(image: Image, rng: np.random.Generator) -> None:
    """Draw people far away: a head, a trunk and legs each."""
    size = len(image)
    height = size * rng.uniform(0.15, 0.4)
    feet = size * rng.uniform(0.45, 0.8)
    for _ in range(rng.integers(2, 12)):
        x, y = rng.uniform(0, size), feet + rng.uniform(-0.04, 0.04) * size
        skin = (np.array([225, 175, 145]) * rng.uniform(0.35, 1.05)).tolist()
        parts = (
            ((x, y - 0.20 * height), (0.13 * height, 0.5 * height), _color(rng)),
            ((x, y - 0.62 * height), (0.24 * height, 0.42 * height), _color(rng, 80)),
            ((x, y - 0.90 * height), (0.11 * height, 0.16 * height), skin),
        )
        for center, axes, color in parts:
            cv2.ellipse(image, (center, axes, 0.0), color, -1, cv2.LINE_AA)


def _draw_ground(image: Image, rng: np.random.Generator, geometry: Geometry, person: int) -> None:
    """Fill what lies below the camera's horizon, and lay planks or lines on the ground."""
    size = len(image)
    up = geometry.view.rotation[person, :, 1]
    focal = geometry.lens.focal_px[person]
    center = geometry.lens.center_px[person]
    # A ray meets the ground where its upward component is negative: a half-plane of the picture.
    normal = up[:2] / focal
    offset = up[2] - normal @ center
    length = np.linalg.norm(normal)
    if length < 1e-6:
        return
    normal, offset = normal / length, offset / length
    along = np.array([-normal[1], normal[0]])
    foot = -offset * normal + (along @ np.full(2, size / 2)) * along
    foot += np.clip(normal @ (np.full(2, 0.42 * size) - foot), -0.25 * size, 0.25 * size) * normal
    far = 4.0 * size
    corners = np.array([foot - far * along, foot + far * along])
    corners = np.concatenate([corners, corners[::-1] - far * normal])
    color = np.array(_color(rng, 30))
    if rng.random() < 0.35:
        color = np.array([70, 115, 50]) * rng.uniform(0.6, 1.4)
    cv2.fillPoly(image, [_fixed(corners)], color.tolist(), cv2.LINE_AA, _SHIFT)
    line = np.clip(color * rng.choice([0.85, 1.12, 1.5]), 0, 255).tolist()
    for share in rng.uniform(0, 1, int(rng.integers(0, 9))) ** 2:
        at = foot - share * size * normal
        tilt = along + rng.uniform(-0.03, 0.03) * normal
        ends = np.array([at - size * 2 * tilt, at + size * 2 * tilt])
        cv2.polylines(image, [_fixed(ends)], False, line, 1, cv2.LINE_AA, _SHIFT)


def _fixed(points: Floats) -> NDArray[np.int32]:
    return np.round(points * (1 << _SHIFT)).astype(np.int32)


@cache
def _noise() -> NDArray[np.int16]:
    """Return a sheet of noise of several grains, the same in every process."""
    rng = np.random.default_rng(20210)
    side = 1024
    sheet = np.zeros((side, side), dtype=np.float32)
    for grain, weight in ((1, 6.0), (3, 6.0), (8, 7.0), (24, 9.0)):
        coarse = rng.normal(size=(side // grain + 2,) * 2).astype(np.float32)
        sheet += weight * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    return sheet.astype(np.int16)


def _grain(image: Image, rng: np.random.Generator) -> Image:
    """Add texture: a piece of the noise sheet, stretched one way or the other."""
    size = len(image)
    sheet = _noise()
    wide, high = rng.integers(1, 3, 2)
    most = max(len(sheet) - 2 * size, 1)
    y, x = rng.integers(0, most, 2) % len(sheet)
    piece = sheet[y : y + size * high : high, x : x + size * wide : wide]
    if piece.shape != (size, size):
        piece = cv2.resize(sheet, (size, size))
    strength = rng.uniform(0.2, 1.3)
    scaled = (piece * strength).astype(np.int16)
    return cv2.add(image, cv2.merge([scaled] * 3), dtype=cv2.CV_8U).astype(np.uint8)
