"""Sheets of people with their predictions and the truth, such as the worst errors of a kind."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats
from poseforge.visualization.draw import check_image, draw_skeleton, fit, inside, sheet
from poseforge.visualization.strokes import OUTLINE, Colour, Image, dot, dotted_line, line, ring
from poseforge.visualization.text import text_line

Bools: TypeAlias = NDArray[np.bool_]

CELL_PX = 300
LINE_PX = 20
PADDING = 1.3  # sides of a crop to those of the box that it is cut around
SMALLEST_PX = 16

TRUTH: Colour = (255, 255, 255)
WRONG: Colour = (240, 228, 66)  # yellow of Okabe and Ito, "Color Universal Design", 2008
SURROUND = 235
RING_PX = 7


def gallery(
    images: Sequence[Image],
    keypoints: Floats,
    truth: Floats,
    visible: Floats,
    skeleton: Skeleton,
    *,
    captions: Sequence[str],
    wrong: Bools | None = None,
    columns: int = 4,
) -> Image:
    """Draw N people on square crops: predictions in colour, the truth in white dots below them.

    A crop holds all labels and predictions that lie on the picture. A wrong joint has a yellow ring
    and a line to where it belongs; where nothing was predicted, the ring is around the label.

    Args:
        images: N whole pictures, (H, W, 3) uint8 RGB each; a picture may appear twice.
        keypoints: (N, K, 2) predictions, pixels; NaN is a miss.
        truth: (N, K, 2) labels, pixels.
        visible: (N, K), 0 where a keypoint is not labelled.
        skeleton: What the keypoints are.
        captions: N texts below the crops; every line is shrunk to the crop's width.
        wrong: (N, K) the joints to mark.
        columns: Crops in a row.

    Returns:
        A sheet of crops of CELL_PX.

    Raises:
        ValueError: There is nobody, the arrays disagree in shape, or a picture is not uint8 RGB.
    """
    marked: Bools = np.zeros(visible.shape, dtype=np.bool_) if wrong is None else wrong
    _check(images, keypoints, truth, visible, skeleton, captions, marked)
    labels = np.where(visible[..., None] > 0, truth, np.nan)
    height = LINE_PX * max(caption.count("\n") + 1 for caption in captions)
    cells = []
    for row, image in enumerate(images):
        picture = _portrait(image, keypoints[row], labels[row], marked[row], skeleton)
        cells.append(np.concatenate([picture, _caption(captions[row], height)]))
    return sheet(cells, columns, cell_size=(CELL_PX, CELL_PX + height))


def _portrait(
    image: Image, points: Floats, labels: Floats, marked: Bools, skeleton: Skeleton
) -> Image:
    """Draw one person on a crop."""
    crop, scale, corner = _crop(image, np.concatenate([points, labels]))
    # Pixel centres: the corner of a pixel lies half a pixel before its centre.
    points, labels = ((p - corner + 0.5) * scale - 0.5 for p in (points, labels))
    _draw_truth(crop, labels, skeleton)
    _draw_offsets(crop, points, labels, marked)
    picture = draw_skeleton(crop, points, skeleton)
    _draw_rings(picture, points, labels, marked)
    return picture


def _crop(image: Image, points: Floats) -> tuple[Image, float, Floats]:
    """Cut a square around the points on the picture.

    Returns:
        The square at CELL_PX, its scale, and the pixel (2,) of the picture at its corner.
    """
    check_image(image)
    height, width = image.shape[:2]
    held = points[inside(points, image)]
    if not len(held):
        held = np.array([[0, 0], [width - 1, height - 1]], dtype=np.float64)
    low, high = held.min(axis=0), held.max(axis=0)
    side = max(SMALLEST_PX, math.ceil(PADDING * (high - low).max()))
    x, y = np.rint((low + high - side + 1) / 2).astype(int).tolist()
    square = np.full((side, side, 3), SURROUND, dtype=np.uint8)
    part = image[max(y, 0) : y + side, max(x, 0) : x + side]
    top, left = max(-y, 0), max(-x, 0)
    square[top : top + part.shape[0], left : left + part.shape[1]] = part
    return fit(square, (CELL_PX, CELL_PX)), CELL_PX / side, np.array([x, y], dtype=np.float64)


def _draw_truth(crop: Image, labels: Floats, skeleton: Skeleton) -> None:
    known = np.isfinite(labels[:, 0])
    for a, b in skeleton.link_indices:
        if known[a] and known[b]:
            dotted_line(crop, labels[a], labels[b], TRUTH, radius_px=1, gap_px=7)
    for label in labels[known]:
        dot(crop, label, OUTLINE, 3.5)
        dot(crop, label, TRUTH, 2.5)


def _draw_offsets(crop: Image, points: Floats, labels: Floats, marked: Bools) -> None:
    """Draw a line from each marked prediction to its label."""
    both = marked & inside(points, crop) & ~np.isnan(labels).any(axis=-1)
    for colour, width in ((OUTLINE, 3), (WRONG, 1)):
        for point, label in zip(points[both], labels[both], strict=True):
            line(crop, point, label, colour, width)


def _draw_rings(crop: Image, points: Floats, labels: Floats, marked: Bools) -> None:
    found = inside(points, crop)
    places = np.where(found[:, None], points, labels)
    for place in places[marked & ~np.isnan(places).any(axis=-1)]:
        ring(crop, place, OUTLINE, RING_PX, 3)
        ring(crop, place, WRONG, RING_PX, 1)


def _caption(text: str, height: int) -> Image:
    """Write lines on paper, each as large as fits."""
    lines = text.split("\n")
    lines += [""] * (height // LINE_PX - len(lines))
    return np.concatenate([text_line(one, (CELL_PX, LINE_PX)) for one in lines])


def _check(
    images: Sequence[Image],
    keypoints: Floats,
    truth: Floats,
    visible: Floats,
    skeleton: Skeleton,
    captions: Sequence[str],
    marked: Bools,
) -> None:
    people = len(images)
    if not people or len(captions) != people:
        raise ValueError(
            f"{people} pictures and {len(captions)} captions make no gallery; give one of each for "
            "each person, one person at least"
        )
    shape = (people, skeleton.num_keypoints)
    if (keypoints.shape, truth.shape) != ((*shape, 2), (*shape, 2)) or (
        visible.shape,
        marked.shape,
    ) != (shape, shape):
        raise ValueError(
            f"keypoints {keypoints.shape}, truth {truth.shape}, visible {visible.shape} and wrong "
            f"{marked.shape} do not fit {people} pictures and skeleton '{skeleton.name}'; give "
            f"{(*shape, 2)} twice and {shape} twice"
        )
