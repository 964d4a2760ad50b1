"""Rasterization: which surface every pixel of a person's picture sees first.

Each quadric covers, in each row of pixels, one span between the zeros of a quadratic polynomial, so
only pixels that a surface really covers are looked at; their depths meet in one depth buffer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.camera import Lens
from poseforge.datasets.synthetic.flesh import PARTS
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.quadrics import PART_OF
from poseforge.structures.affine import Floats

_WIDEST = np.array([max(1.0, *part.squeeze) for part in PARTS.values()])


@dataclass(frozen=True)
class Pixels:
    """The pixels of a canvas that show a person.

    Attributes:
        row: (M,) and
        column: (M,) where they are on the canvas.
        surface: (M,) which quadric they show.
        depth: (M,) float32 statures.
        ray: (M, 3) float32 direction, third component 1.
    """

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    surface: NDArray[np.intp]
    depth: Floats
    ray: Floats


@dataclass(frozen=True)
class _Spans:
    """Runs of pixels: one row of one quadric's outline each; all arrays are (S,)."""

    surface: NDArray[np.intp]
    row: NDArray[np.intp]
    start: NDArray[np.intp]
    count: NDArray[np.intp]


def rasterize(geometry: Geometry, person: int, side: int, scale: float) -> Pixels:
    """Find what the pixels of a person see.

    Args:
        geometry: Of N people.
        person: Which of them.
        side: Side of the canvas, canvas pixels.
        scale: Canvas pixels to a pixel of the picture.
    """
    to_ray = _pixel_rays(geometry.lens, person, scale)
    forms = _Forms(geometry, person, to_ray)
    spans = _find_spans(forms, _boxes(geometry, person, side, scale))
    flat, surface, depth = _depths(forms, spans, side)
    buffer = np.full(side * side, np.inf, dtype=np.float32)
    np.minimum.at(buffer, flat, depth)
    nearest = np.flatnonzero(depth == buffer[flat])
    flat, surface, depth = flat[nearest], surface[nearest], depth[nearest]
    finite = np.isfinite(depth)
    flat, surface, depth = flat[finite], surface[finite], depth[finite]
    row, column = np.divmod(flat, side)
    ray = np.empty((len(flat), 3), dtype=np.float32)
    ray[:, 0] = column * to_ray[0, 0] + to_ray[0, 2]
    ray[:, 1] = row * to_ray[1, 1] + to_ray[1, 2]
    ray[:, 2] = 1
    return Pixels(row, column, surface, depth, ray)


def _pixel_rays(lens: Lens, person: int, scale: float) -> Floats:
    """Return the (3, 3) map from canvas pixels to rays."""
    focal = lens.focal_px[person] * scale
    x, y = (lens.center_px[person] + 0.5) * scale - 0.5
    return np.array([[1 / focal, 0, -x / focal], [0, 1 / focal, -y / focal], [0, 0, 1]])


class _Forms:
    """The quadrics of one person as polynomials of canvas pixels."""

    def __init__(self, geometry: Geometry, person: int, to_ray: Floats) -> None:
        quadrics = geometry.quadrics
        constant = quadrics.constant[person]
        vector = quadrics.vector[person] @ to_ray  # (Q, 3)
        square = to_ray.T @ quadrics.matrix[person] @ to_ray  # (Q, 3, 3)
        self.half = vector
        self.square = square
        self.root = vector[:, :, None] * vector[:, None] - constant[:, None, None] * square
        self.axis = quadrics.axis[person] @ to_ray
        self.offset = quadrics.offset[person]
        self.clip = quadrics.clip[person]


def _boxes(geometry: Geometry, person: int, side: int, scale: float) -> NDArray[np.intp]:
    """Return (Q, 4) first column and row, and last ones, that parts can reach; empty if absent."""
    solids = geometry.solids
    ends, radii = solids.ends[person], solids.radii[person] * _WIDEST[:, None]
    depth = np.maximum(ends[..., 2] - radii, 0.2)  # (P, 2)
    focal = geometry.lens.focal_px[person] * scale
    center = (geometry.lens.center_px[person] + 0.5) * scale - 0.5
    middle = ends[..., :2] / ends[..., 2:] * focal + center  # (P, 2, 2)
    reach = (1.05 * radii / depth * focal)[..., None]
    low = np.clip(np.ceil((middle - reach).min(axis=1)), 0, side)
    high = np.clip(np.floor((middle + reach).max(axis=1)), -1, side - 1)
    high[solids.radii[person, :, 0] <= 0] = -1
    return np.concatenate([low, high], axis=1).astype(np.intp)[PART_OF]


def _find_spans(forms: _Forms, boxes: NDArray[np.intp]) -> _Spans:
    """Solve for the ends of every row's span."""
    heights = np.maximum(boxes[:, 3] - boxes[:, 1] + 1, 0)
    heights[boxes[:, 2] < boxes[:, 0]] = 0
    surface = np.repeat(np.arange(len(boxes)), heights)
    row = np.arange(len(surface)) - np.repeat(np.cumsum(heights) - heights, heights)
    row += boxes[surface, 1]
    root = forms.root[surface]  # (S, 3, 3)
    a = root[:, 0, 0]
    b = root[:, 0, 1] * row + root[:, 0, 2]
    c = (root[:, 1, 1] * row + 2 * root[:, 1, 2]) * row + root[:, 2, 2]
    inner = b * b - a * c
    # Where the polynomial opens upwards (a cone that lies along the row) the box is the span.
    closed = a < 0
    width = np.sqrt(np.maximum(inner, 0)) / np.where(closed, -a, 1)
    middle = np.where(closed, -b / np.where(closed, a, 1), 0)
    low, high = boxes[surface, 0], boxes[surface, 2]
    start = np.where(closed, np.maximum(np.ceil(middle - width), low), low).astype(np.intp)
    stop = np.where(closed, np.minimum(np.floor(middle + width), high), high).astype(np.intp)
    count = stop - start + 1
    used = np.flatnonzero((count > 0) & ~(closed & (inner <= 0)))
    return _Spans(surface[used], row[used], start[used], count[used])


def _depths(
    forms: _Forms, spans: _Spans, side: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return the canvas place, the quadric and the depth of every pixel of every span."""
    which, row, start = spans.surface, spans.row, spans.start
    columns: list[Floats] = []
    for form in (forms.root, forms.square):
        m = form[which]
        slope = m[:, 0, 1] * row + m[:, 0, 2]
        rest = (m[:, 1, 1] * row + 2 * m[:, 1, 2]) * row + m[:, 2, 2]
        a = m[:, 0, 0]
        columns += [a, 2 * (a * start + slope), (a * start + 2 * slope) * start + rest]
    for vector, rest in ((forms.half, 0.0), (forms.axis, 0.0)):
        v = vector[which]
        columns += [v[:, 0], v[:, 0] * start + v[:, 1] * row + v[:, 2] + rest]
    columns += [forms.offset[which], forms.clip[which, 0], forms.clip[which, 1]]
    table = np.stack(columns).astype(np.float32)  # (13, S)
    total = int(spans.count.sum())
    run = np.repeat(np.arange(len(which)), spans.count)
    first = np.cumsum(spans.count) - spans.count
    flat = np.arange(total) + np.repeat(row * side + start - first, spans.count)
    i = (np.arange(total) - np.repeat(first, spans.count)).astype(np.float32)
    r2, r1, r0, s2, s1, s0, h1, h0, x1, x0, offset, low, high = table[:, run]
    root, square, half = (r2 * i + r1) * i + r0, (s2 * i + s1) * i + s0, h1 * i + h0
    usable = (root > 0) & (square > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (-half - np.sqrt(np.maximum(root, 0))) / square
    place = depth * (x1 * i + x0) + offset
    usable &= (place >= low) & (place <= high)
    return flat, which[run], np.where(usable, depth, np.float32(np.inf))
