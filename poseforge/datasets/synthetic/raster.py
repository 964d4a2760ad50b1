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
from poseforge.datasets.synthetic.quadrics import PART_OF, factors
from poseforge.structures.affine import Floats

_FAR = np.float32(1e9)
_WIDEST = np.array([max(1.0, *part.squeeze) for part in PARTS.values()])


@dataclass(frozen=True)
class Pixels:
    """The pixels of a canvas that show a person.

    Attributes:
        row: (M,) and
        column: (M,) where they are on the canvas.
        surface: (M,) which quadric they show.
        point: x, y and z, each (M,) float32, of what they show in the camera's frame, statures.
    """

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    surface: NDArray[np.intp]
    point: tuple[Floats, Floats, Floats]


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
    bits = (side - 1).bit_length()  # of a column, so that shifts part places into row and column
    flat, surface, depth = _depths(forms, spans, bits)
    buffer = np.full(side << bits, _FAR, dtype=np.float32)
    np.minimum.at(buffer, flat, depth)
    nearest = np.flatnonzero((depth == buffer.take(flat)) & (depth < _FAR))
    flat, surface, depth = flat[nearest], surface[nearest], depth[nearest]
    row, column = flat >> bits, flat & ((1 << bits) - 1)
    x = (column * to_ray[0, 0] + to_ray[0, 2]).astype(np.float32) * depth
    y = (row * to_ray[1, 1] + to_ray[1, 2]).astype(np.float32) * depth
    return Pixels(row, column, surface, (x, y, depth))


def _pixel_rays(lens: Lens, person: int, scale: float) -> Floats:
    """Return the (3, 3) map from canvas pixels to rays."""
    focal = lens.focal_px[person] * scale
    x, y = (lens.center_px[person] + 0.5) * scale - 0.5
    return np.array([[1 / focal, 0, -x / focal], [0, 1 / focal, -y / focal], [0, 0, 1]])


class _Forms:
    """The quadrics of one person as polynomials of canvas pixels, one column a quadric.

    Attributes:
        root: (6, Q) discriminant: factors of xx, xy, x, yy, y and 1.
        square: (6, Q) d'Qd in the same way.
        half: (3, Q) q'd: factors of x, y and 1.
        axis: (3, Q) place along the part's axis, by depth.
        clip: (2, Q) its bounds.
    """

    def __init__(self, geometry: Geometry, person: int, to_ray: Floats) -> None:
        quadrics = geometry.quadrics
        vector = quadrics.vector[person] @ to_ray  # (Q, 3)
        square = to_ray.T @ quadrics.matrix[person] @ to_ray  # (Q, 3, 3)
        constant = quadrics.constant[person][:, None, None]
        root = vector[:, :, None] * vector[:, None] - constant * square
        self.root, self.square = factors(root), factors(square)
        self.half = vector.T
        self.axis = (quadrics.axis[person] @ to_ray).T
        self.clip = quadrics.clip[person].T - quadrics.offset[person]


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
    xx, xy, x, yy, y, rest = forms.root.take(surface, axis=1, mode="clip")
    a, b, c = xx, 0.5 * (xy * row + x), (yy * row + y) * row + rest
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
    forms: _Forms, spans: _Spans, bits: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return the canvas place, the quadric and the depth of every pixel of every span."""
    which, row, start = spans.surface, spans.row, spans.start
    columns = np.empty((12, len(which)), dtype=np.float32)
    for i, form in enumerate((forms.root, forms.square)):
        xx, xy, x, yy, y, rest = form.take(which, axis=1, mode="clip")
        slope = xy * row + x
        columns[3 * i] = xx
        columns[3 * i + 1] = 2 * xx * start + slope
        columns[3 * i + 2] = (xx * start + slope) * start + (yy * row + y) * row + rest
    for i, line in enumerate((forms.half, forms.axis)):
        x, y, rest = line.take(which, axis=1, mode="clip")
        columns[2 * i + 6] = x
        columns[2 * i + 7] = x * start + y * row + rest
    columns[10:] = forms.clip.take(which, axis=1, mode="clip")
    table = np.repeat(columns, spans.count, axis=1)
    total = table.shape[1]
    first = np.cumsum(spans.count) - spans.count
    places = np.array([which, (row << bits) + start - first, first], dtype=np.intp)
    surface, place, begin = np.repeat(places, spans.count, axis=1)
    counter = np.arange(total)
    i = (counter - begin).astype(np.float32)
    r2, r1, r0, s2, s1, s0, h1, h0, x1, x0, low, high = table
    root, square = (r2 * i + r1) * i + r0, (s2 * i + s1) * i + s0
    usable = (root > 0) & (square > 0)
    np.maximum(root, 0, out=root)
    np.maximum(square, 1e-6, out=square)
    depth = (-(h1 * i + h0) - np.sqrt(root)) / square
    along = depth * (x1 * i + x0)
    usable &= (along >= low) & (along <= high)
    np.copyto(depth, _FAR, where=~usable)
    return counter + place, surface, depth
