"""What a photograph adds: shadows on the ground, things before people, blur and noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.draws import Dice
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.objects import KINDS

Image = NDArray[np.uint8]


def cast_shadow(image: Image, dice: Dice, geometry: Geometry, person: int) -> Image:
    """Return a picture with the ground darkened where a person keeps the light away."""
    size = len(image)
    solids, view, lens = geometry.solids, geometry.view, geometry.lens
    up, radii = view.rotation[person, :, 1], solids.radii[person]
    slant = view.rotation[person] @ (dice.between(-0.7, 0.7), -1.0, dice.between(-0.7, 0.7))
    darkness = dice.between(0.25, 0.65)
    if up[2] > -0.02:  # the ground is seen from below or edge-on
        return image
    ends = solids.ends[person]  # (P, 2, 3)
    heights = ends @ up
    ground = (heights - radii).min() - geometry.lift[person]
    fallen = ends + (heights - ground)[..., None] * slant
    shown = np.flatnonzero((fallen[..., 2] > 0.4).all(axis=1) & (radii[:, 0] > 0))
    scale = lens.focal_px[person] / fallen[shown, :, 2:]
    pixels = fallen[shown, :, :2] * scale + lens.center_px[person]
    widths = np.clip(1.5 * radii[shown].mean(axis=1) * scale.mean(axis=(1, 2)), 1, size)
    mask = np.zeros((size, size), dtype=np.uint8)
    lines = np.clip(pixels, -size, 2 * size).astype(int).tolist()
    for (start, end), width in zip(lines, widths.tolist(), strict=True):
        cv2.line(mask, start, end, 255, int(width) + 1)
    soft = cv2.blur(mask, (size // 16 | 1, size // 32 | 1))
    keep = cv2.bitwise_not(cv2.convertScaleAbs(soft, alpha=darkness))
    return _bytes(cv2.multiply(image, cv2.merge([keep] * 3), scale=1 / 255))


def draw_objects(image: Image, dice: Dice, geometry: Geometry, person: int) -> None:
    """Draw what stands before a person, in place."""
    objects = geometry.objects
    kind = KINDS[objects.kind[person]]
    if kind == "none":
        return
    value = dice.between(40, 200)
    color = np.array([value + dice.between(-40, 40) for _ in range(3)])
    if kind == "foliage":
        color = np.array([70, 110, 50]) * dice.between(0.5, 1.4)
    for center, half, angle in zip(
        objects.center[person], objects.half[person], objects.angle[person], strict=True
    ):
        if half[0] <= 0:
            continue
        degrees = float(np.rad2deg(angle))
        for share, light in ((1.0, 0.82), (0.85, 0.95), (0.66, 1.04), (0.4, 1.12)):
            tint = np.clip(color * light, 0, 255).tolist()
            if objects.is_round[person]:
                moved = center - (1 - share) * 0.3 * half.min()
                box = (moved.tolist(), (2 * share * half).tolist(), degrees)
                cv2.ellipse(image, box, tint, -1, cv2.LINE_AA)
                continue
            inner = half - (1 - share) * half.min() * (1.0 if kind == "bar" else 0.35)
            corners = cv2.boxPoints((center.tolist(), (2 * inner).tolist(), degrees))
            cv2.fillConvexPoly(image, np.round(corners * 8).astype(np.int32), tint, cv2.LINE_AA, 3)


def photograph(image: Image, dice: Dice) -> Image:
    """Return a picture blurred, exposed and tinted, with a sensor's noise."""
    kind = dice.roll()
    if kind < 0.30:
        sigma = len(image) * dice.between(0.002, 0.007)
        image = _bytes(cv2.GaussianBlur(image, (0, 0), sigma))
    elif kind < 0.38:
        image = _shake(image, dice)
    gain = dice.between(0.85, 1.25) * np.array([dice.between(0.93, 1.07) for _ in range(3)])
    table = np.arange(256)[:, None] * gain + dice.between(-10, 25)
    table = 255 * (np.clip(table, 0, 255) / 255) ** dice.between(0.75, 1.2)
    image = _bytes(cv2.LUT(image, table.astype(np.uint8)[None]))
    if dice.chance(0.06):
        image = _bytes(cv2.merge([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)] * 3))
    return _sensor_noise(image, dice)


def _shake(image: Image, dice: Dice) -> Image:
    """Return a picture blurred along a line."""
    length = max(3, int(len(image) * dice.between(0.015, 0.035)) | 1)
    kernel = np.zeros((length, length), dtype=np.float32)
    angle, middle = dice.between(0, np.pi), (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = (np.round(middle + sign * reach).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1)
    return _bytes(cv2.filter2D(image, -1, kernel / kernel.sum()))


def _sensor_noise(image: Image, dice: Dice) -> Image:
    """Return a picture with uniform noise: cheaper than Gaussian, and as good to look at."""
    strength = dice.choose((0, 8, 16, 30), (25, 40, 25, 10))
    if not strength:
        return image
    noise = dice.bytes(image.size).reshape(image.shape)
    return _bytes(cv2.addWeighted(image, 1.0, noise, strength / 256, -strength / 2))


def _bytes(image: cv2.typing.MatLike) -> Image:
    return image.astype(np.uint8, copy=False)
