"""Quadrics: the surfaces of all parts in one form, so that any ray meets them in closed form.

A quadric is the points p with p'Qp + 2 q'p + c = 0. In the camera's frame a pixel's ray is p = t d
with d = (x, y, 1), so t is the depth, and t solves (d'Qd) t² + 2 (q'd) t + c = 0. The outline in
the picture is where the discriminant (q'd)² - c (d'Qd) vanishes: a conic again. A rounded cone is
three quadrics, its two spheres and the cone between the circles in which they touch it.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.body import BONE_NAMES, Frames
from poseforge.datasets.synthetic.camera import View
from poseforge.datasets.synthetic.flesh import PARTS, Build, Part
from poseforge.structures.affine import Floats

_FIRST, _SECOND, _CONE = range(3)


@dataclass(frozen=True)
class Solids:
    """Rounded cones of N people in the camera's frame.

    Attributes:
        to_part: (N, P, 3, 3) from the camera's to the parts' squeezed frames, y along the axis.
        shift: (N, P, 3) the camera's place in the parts' frames.
        ends: (N, P, 2, 3) centres of the spheres in the camera's frame.
        length: (N, P) between the centres.
        radii: (N, P, 2) of the spheres.
    """

    to_part: Floats
    shift: Floats
    ends: Floats
    length: Floats
    radii: Floats


@dataclass(frozen=True)
class Quadrics:
    """Surfaces of N people in the camera's frame; PART_OF says which part each belongs to.

    Attributes:
        matrix: (N, Q, 3, 3) Q.
        vector: (N, Q, 3) q.
        constant: (N, Q) c.
        axis: (N, Q, 3) and
        offset: (N, Q) give a point's place along its part's axis, axis'p + offset.
        clip: (N, Q, 2) between which places the surface is there.
    """

    matrix: Floats
    vector: Floats
    constant: Floats
    axis: Floats
    offset: Floats
    clip: Floats

    def of(self, people: NDArray[np.integer]) -> "Quadrics":
        """Return the surfaces of some of the people, in a given order."""
        values = (getattr(self, column.name) for column in fields(self))
        return Quadrics(*(value[people] for value in values))

    def monomials(self) -> Floats:
        """Return the forms' factors (N, 6, Q) of xx, xy, xz, yy, yz and zz."""
        return factors(self.matrix)


# The upper triangle of a symmetric form, whose mixed terms count twice.
_LEFT, _RIGHT = [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]
_TIMES = np.array([1.0, 2, 2, 1, 2, 1])


def factors(forms: Floats) -> Floats:
    """Return the factors (..., 6, Q) of symmetric forms (..., Q, 3, 3)."""
    upper: Floats = np.swapaxes(forms[..., _LEFT, _RIGHT] * _TIMES, -1, -2)
    return upper


def _frame(part: Part) -> Floats:
    """Return (3, 3): rows x, y, z of a part's frame in its bone's frame."""
    along = np.subtract(part.end, part.start)
    length = np.linalg.norm(along)
    y = along / length if length > 0 else np.array([0.0, 1.0, 0.0])
    front = np.array([0.0, 1.0, 0.0] if abs(y[2]) > 0.9 else [0.0, 0.0, 1.0])
    z = front - front @ y * y
    z /= np.linalg.norm(z)
    return np.stack([np.cross(y, z), y, z])


def _kinds() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """List every quadric's part and kind; ellipsoids need one sphere, cut ends have none."""
    pairs = []
    for row, part in enumerate(PARTS.values()):
        gone = {*part.buried, _SECOND} if part.is_open else set(part.buried)
        kinds = [kind for kind in (_FIRST, _SECOND, _CONE) if kind not in gone]
        if part.start == part.end:
            kinds = [_FIRST]
        pairs += [(row, kind) for kind in kinds]
    table = np.array(pairs)
    return table[:, 0], table[:, 1]


PART_OF, _KIND = _kinds()
_IS_CONE, _IS_SECOND = _KIND == _CONE, _KIND == _SECOND
_BONE_OF: NDArray[np.intp] = np.array([BONE_NAMES.index(part.bone) for part in PARTS.values()])
_STARTS = np.array([part.start for part in PARTS.values()], dtype=np.float64)
_ENDS = np.array([part.end for part in PARTS.values()], dtype=np.float64)
_FRAMES = np.stack([_frame(part) for part in PARTS.values()])
_SQUEEZE = np.array([(part.squeeze[0], 1.0, part.squeeze[1]) for part in PARTS.values()])
_ROW_SCALES = _FRAMES / _SQUEEZE[..., None]


def place_solids(frames: Frames, build: Build, view: View) -> Solids:
    """Put the parts of N people before their cameras."""
    stretch = frames.stretch[:, _BONE_OF]  # (N, P)
    bone = frames.rotation[:, _BONE_OF]  # (N, P, 3, 3)
    local = np.stack([_STARTS, _ENDS], axis=-1) * stretch[..., None, None]  # (N, P, 3, 2)
    ends: Floats = np.swapaxes(bone @ local, -1, -2)  # (N, P, 2, 3)
    ends = ends + frames.origin[:, _BONE_OF, None]
    flat = ends.reshape(len(ends), -1, 3)
    ends = view.to_camera(flat).reshape(ends.shape)
    to_bone = np.swapaxes(view.rotation[:, None] @ bone, -1, -2)
    to_part = _ROW_SCALES @ to_bone
    shift = -(to_part @ ends[:, :, 0, :, None])[..., 0]
    along = ends[:, :, 1] - ends[:, :, 0]
    length = np.sqrt((along[..., None, :] @ along[..., None])[..., 0, 0])
    return Solids(to_part, shift, ends, length, build.radii * stretch[..., None])


def surfaces(solids: Solids) -> Quadrics:
    """Write the spheres and cones of parts as quadrics."""
    length = solids.length[:, PART_OF]
    first, second = solids.radii[:, PART_OF, 0], solids.radii[:, PART_OF, 1]
    # The cone's radius at the place y along the axis is start - slope * y.
    sine = np.minimum((first - second) / np.maximum(length, 1e-9), 0.95) * _IS_CONE
    cosine = np.sqrt(1 - sine * sine)
    slope, start = sine / cosine, first / cosine
    center = np.where(_IS_SECOND, length, 0.0)
    radius = np.where(_IS_SECOND, second, first)
    bend = np.where(_IS_CONE, -slope * slope, 1.0)
    pull = np.where(_IS_CONE, start * slope, -center)
    rest = np.where(_IS_CONE, -start * start, center * center - radius * radius)
    to_part, shift = solids.to_part[:, PART_OF], solids.shift[:, PART_OF]
    weighted = to_part.copy()
    weighted[..., 1, :] *= bend[..., None]
    local = shift.copy()
    local[..., 1] = local[..., 1] * bend + pull
    matrix = np.swapaxes(to_part, -1, -2) @ weighted
    vector = (local[..., None, :] @ to_part)[..., 0, :]
    constant = (local[..., None, :] @ shift[..., None])[..., 0, 0] + pull * shift[..., 1] + rest
    low = np.where(_IS_CONE, first * sine, -np.inf)
    high = np.where(_IS_CONE, length + second * sine * ~_OPEN, np.inf)
    clip = np.stack([low, high], axis=-1)
    return Quadrics(matrix, vector, constant, to_part[..., 1, :], shift[..., 1], clip)


_OPEN = np.array([part.is_open for part in PARTS.values()])[PART_OF]


def first_hits(quadrics: Quadrics, rays: Floats) -> Floats:
    """Return the depths at which rays first meet surfaces.

    Args:
        quadrics: Of N people.
        rays: (N, K, 3) directions with third component 1, in the camera's frame.

    Returns:
        (N, K, Q), infinite where a ray misses.
    """
    square = (rays[..., _LEFT] * rays[..., _RIGHT]) @ quadrics.monomials()  # (N, K, Q)
    half = rays @ np.swapaxes(quadrics.vector, 1, 2)
    root = half * half - square * quadrics.constant[:, None]
    usable = (root > 1e-12) & (square > 1e-9)
    depth = (-half - np.sqrt(np.where(usable, root, 0))) / np.where(usable, square, 1)
    place = depth * (rays @ np.swapaxes(quadrics.axis, 1, 2)) + quadrics.offset[:, None]
    clip = quadrics.clip[:, None]
    usable &= (place >= clip[..., 0]) & (place <= clip[..., 1])
    return np.where(usable, depth, np.inf)
