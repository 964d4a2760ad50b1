"""What a photograph does to a scene: shadows on the ground, things before people, blur and noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.objects import KINDS
from poseforge.structures.affine import Floats

Image = NDArray[np.uint8]


def cast_shadow(image: Image, rng: np.random.Generator, geometry: Geometry, person: int) -> Image:
    """Darken the ground where a person keeps the light away."""
    size = len(image)
    solids, view, lens = geometry.solids, geometry.view, geometry.lens
    up = view.rotation[person, :, 1]
    ends = solids.ends[person]  # (P, 2, 3)
    heights = ends @ up
    ground = (heights - solids.radii[person]).min() - geometry.lift[person]
    slant = view.rotation[person] @ np.array([rng.uniform(-0.7, 0.7), -1.0, rng.uniform(-0.7, 0.7)])
    fallen = ends + (heights - ground)[..., None] * slant
    shown = (fallen[..., 2] > 0.4).all(axis=1) & (solids.radii[person, :, 0] > 0)
    if up @ np.array([0, 0, 1.0]) > -0.02 or not shown.any():
        return image
    flat = lens.focal_px[person] / fallen[shown, :, 2]
    pixels = fallen[shown, :, :2] * flat[..., None] + lens.center_px[person]
    widths = np.clip(solids.radii[person, shown].mean(axis=1) * flat.mean(axis=1), 1, size)
    mask = np.zeros((size, size), dtype=np.uint8)
    for (a, b), width in zip(np.clip(pixels, -size, 2 * size).astype(int), widths, strict=True):
        cv2.line(mask, a.tolist(), b.tolist(), 255, int(width) + 1)
    mask = cv2.blur(mask, (size // 24 | 1, size // 40 | 1)).astype(np.uint8)
    keep = cv2.convertScaleAbs(mask, alpha=-rng.uniform(0.25, 0.6), beta=255)
    keep = np.uint8(255) - cv2.convertScaleAbs(mask, alpha=float(rng.uniform(0.25, 0.6)))
    return cv2.multiply(image, cv2.merge([keep] * 3), scale=1 / 255).astype(np.uint8)


def draw_objects(image: Image, rng: np.random.Generator, geometry: Geometry, person: int) -> None:
    """Draw what stands before a person, in place."""
    objects = geometry.objects
    kind = KINDS[objects.kind[person]]
    if kind == "none":
        return
    color = np.clip(rng.uniform(30, 220) + rng.uniform(-60, 60, 3), 0, 255)
    if kind == "foliage":
        color = np.array([60, 110, 40]) * rng.uniform(0.6, 1.5)
    for center, half, angle in zip(
        objects.center[person], objects.half[person], objects.angle[person], strict=True
    ):
        if half[0] <= 0:
            continue
        degrees = float(np.rad2deg(angle))
        for share, light in ((1.0, 0.8), (0.82, 1.0), (0.5, 1.12)):
            tint = np.clip(color * light, 0, 255).tolist()
            moved = center - (1 - share) * 0.3 * half.min()
            if objects.is_round[person]:
                box = (moved.tolist(), (2 * share * half).tolist(), degrees)
                cv2.ellipse(image, box, tint, -1, cv2.LINE_AA)
                continue
            inner = half - (1 - share) * half.min()
            corners = cv2.boxPoints((center.tolist(), (2 * inner).tolist(), degrees))
            cv2.fillConvexPoly(image, np.round(corners * 8).astype(np.int32), tint, cv2.LINE_AA, 3)


def photograph(image: Image, rng: np.random.Generator) -> Image:
    """Blur, expose and tint a picture and add a sensor's noise."""
    size = len(image)
    kind = rng.random()
    if kind < 0.30:
        image = cv2.GaussianBlur(image, (0, 0), size * rng.uniform(0.002, 0.008)).astype(np.uint8)
    elif kind < 0.40:
        image = _shake(image, rng)
    gain = rng.uniform(0.75, 1.2) * rng.uniform(0.93, 1.07, 3)
    lift = rng.uniform(-12, 22)
    table = np.arange(256, dtype=np.float32)[:, None] * gain.astype(np.float32) + lift
    gamma = rng.uniform(0.8, 1.25)
    table = 255 * (np.clip(table, 0, 255) / 255) ** gamma
    image = cv2.LUT(image, table.astype(np.uint8)[None]).astype(np.uint8)
    if rng.random() < 0.08:
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = cv2.merge([gray] * 3).astype(np.uint8)
    return _sensor_noise(image, rng)


def _shake(image: Image, rng: np.random.Generator) -> Image:
    """Blur along a line."""
    length = max(3, int(len(image) * rng.uniform(0.02, 0.045)) | 1)
    kernel = np.zeros((length, length), dtype=np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (length - 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
    middle = (length - 1) / 2
    ends = [np.round(middle + sign * reach).astype(int).tolist() for sign in (-1, 1)]
    cv2.line(kernel, *ends, 1.0, 1)
    return cv2.filter2D(image, -1, kernel / kernel.sum()).astype(np.uint8)


def _sensor_noise(image: Image, rng: np.random.Generator) -> Image:
    """Add noise of bytes: cheaper than Gaussian numbers, and as good to look at."""
    strength = rng.choice([0, 4, 8, 14], p=[0.25, 0.4, 0.25, 0.1])
    if not strength:
        return image
    noise = np.frombuffer(rng.bytes(image.size), dtype=np.uint8).reshape(image.shape)
    low = cv2.convertScaleAbs(noise, alpha=strength / 128)
    return cv2.subtract(cv2.add(image, low), np.full_like(image, strength)).astype(np.uint8)


def blend(image: Image, colors: Floats, cover: Floats) -> Image:
    """Lay a person over a background.

    Args:
        image: (H, W, 3) background.
        colors: (H, W, 3) float32 RGB times cover.
        cover: (H, W) float32 share of every pixel that the person covers.
    """
    mixed = image * (1 - cover[..., None]) + colors
    return np.clip(mixed, 0, 255).astype(np.uint8)
