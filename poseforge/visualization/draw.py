"""Skeletons drawn on pictures, and pictures laid out in a grid.

Pictures are (H, W, 3) uint8 RGB; no function changes the picture that it is given.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats
from poseforge.visualization.strokes import OUTLINE, Colour, Image, dot, line

# Warm, cool and neutral, apart for every kind of colour vision: Okabe and Ito, "Color Universal
# Design", 2008, orange and sky blue.
LEFT: Colour = (240, 140, 0)
RIGHT: Colour = (60, 170, 245)
MIDDLE: Colour = (245, 245, 245)
PAPER: Colour = (255, 255, 255)

PADDING_PX = 8


def draw_skeleton(
    image: Image,
    keypoints: Floats,
    skeleton: Skeleton,
    *,
    scores: Floats | None = None,
    min_score: float = 0.1,
) -> Image:
    """Return the picture with a person's bones and joints: left warm, right cool, middle neutral.

    A joint that is NaN, outside the picture or less sure than `min_score` is left out, and so are
    the bones that end in it.

    Args:
        image: (H, W, 3) uint8 RGB.
        keypoints: (K, 2) pixels.
        skeleton: What the keypoints are.
        scores: (K,) confidences; without them every joint is sure enough.
        min_score: The least confidence that is drawn.

    Raises:
        ValueError: The picture is not uint8 RGB, or there are not K keypoints.
    """
    check_image(image)
    if keypoints.shape != (skeleton.num_keypoints, 2):
        raise ValueError(
            f"keypoints {keypoints.shape} are not those of skeleton '{skeleton.name}'; "
            f"give {(skeleton.num_keypoints, 2)}"
        )
    shown = inside(keypoints, image)
    if scores is not None:
        shown &= scores >= min_score
    canvas = image.copy()
    _paint(canvas, keypoints, skeleton, shown)
    return canvas


def sheet(images: Sequence[Image], columns: int, *, cell_size: tuple[int, int]) -> Image:
    """Lay pictures out in rows, each scaled to fit its cell and centred in it.

    Args:
        images: (H, W, 3) uint8 RGB each, of any size.
        columns: Cells in a row.
        cell_size: (width, height) of a cell, pixels; cells are PADDING_PX apart.

    Raises:
        ValueError: There is no picture or no column, or a picture is not uint8 RGB.
    """
    if not images or columns < 1:
        raise ValueError(
            f"{len(images)} pictures in {columns} columns make no sheet; give one of each at least"
        )
    width, height = cell_size
    rows = math.ceil(len(images) / columns)
    shape = rows * (height + PADDING_PX) + PADDING_PX, columns * (width + PADDING_PX) + PADDING_PX
    paper = np.full((*shape, 3), PAPER, dtype=np.uint8)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        fitted = fit(image, cell_size)
        top = PADDING_PX + row * (height + PADDING_PX) + (height - fitted.shape[0]) // 2
        left = PADDING_PX + column * (width + PADDING_PX) + (width - fitted.shape[1]) // 2
        paper[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return paper


def fit(image: Image, size: tuple[int, int]) -> Image:
    """Scale a picture, its proportions kept, to the largest that (width, height) has room for.

    Raises:
        ValueError: The picture is not uint8 RGB.
    """
    check_image(image)
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return _as_image(cv2.resize(image, target, interpolation=method))


def check_image(image: Image) -> None:
    """Refuse what is not a picture.

    Raises:
        ValueError: The array is not (H, W, 3) uint8 or is empty.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            f"an array {image.shape} of {image.dtype} is no picture; give (H, W, 3) uint8 RGB"
        )


def _as_image(array: Any) -> Image:
    return np.asarray(array, dtype=np.uint8)


def inside(keypoints: Floats, image: Image) -> NDArray[np.bool_]:
    """Say which keypoints lie on the picture; NaN compares as outside."""
    height, width = image.shape[:2]
    x, y = keypoints[:, 0], keypoints[:, 1]
    inside: NDArray[np.bool_] = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
    return inside


def _paint(canvas: Image, keypoints: Floats, skeleton: Skeleton, shown: NDArray[np.bool_]) -> None:
    sides = _sides(skeleton)
    width = max(1, round(math.hypot(*canvas.shape[:2]) / 140))
    bones = [(a, b) for a, b in skeleton.link_indices if shown[a] and shown[b]]
    # Dark lines below bright ones: the figure stands out on any background.
    for a, b in bones:
        line(canvas, keypoints[a], keypoints[b], OUTLINE, width + 2)
    for a, b in bones:
        line(canvas, keypoints[a], keypoints[b], _bone_colour(sides[a], sides[b]), width)
    for joint in np.flatnonzero(shown):
        dot(canvas, keypoints[joint], OUTLINE, width + 1.5)
        dot(canvas, keypoints[joint], sides[joint], width + 0.5)


def _sides(skeleton: Skeleton) -> list[Colour]:
    """Give each keypoint the colour of its side."""
    left = {name for name, _ in skeleton.pairs}
    right = {name for _, name in skeleton.pairs}
    return [LEFT if n in left else RIGHT if n in right else MIDDLE for n in skeleton.keypoints]


def _bone_colour(a: Colour, b: Colour) -> Colour:
    """Colour a bone like its ends; one from the middle to a side belongs to the side."""
    if a == b or b == MIDDLE:
        return a
    return b if a == MIDDLE else MIDDLE
