"""Geometry of people in pictures, without drawing: joints, solids and which joints are hidden."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from poseforge.datasets.synthetic.body import (
    BONE_NAMES,
    POINT_NAMES,
    Frames,
    place_bones,
    sample_scales,
)
from poseforge.datasets.synthetic.camera import Lens, View, sample_lens, sample_view
from poseforge.datasets.synthetic.draws import Draws
from poseforge.datasets.synthetic.flesh import PART_NAMES, Build, parts_named, sample_build
from poseforge.datasets.synthetic.objects import Objects, sample_objects
from poseforge.datasets.synthetic.poses import sample_angles
from poseforge.datasets.synthetic.quadrics import (
    PART_OF,
    Quadrics,
    Solids,
    first_hits,
    place_solids,
    surfaces,
)
from poseforge.structures.affine import Floats

# How much nearer than a joint a surface must be to hide it, in statures: the flesh around a joint
# does not hide it, nor do the limbs that meet in it.
_MARGIN, _TRUNK_MARGIN, _FACE_MARGIN = 0.045, 0.13, 0.03
_TRUNK = ("pelvis", "waist", "chest", "collar", "neck", "trapezius", "glute", "hem", "breast")
_OWN: dict[str, tuple[str, ...]] = {
    "ankle": ("shin", "foot"),
    "knee": ("thigh", "calf", "shin", "skirt"),
    "hip": ("thigh", "skirt"),
    "wrist": ("forearm", "palm"),
    "elbow": ("upper_arm", "forearm"),
    "shoulder": ("upper_arm", "collar", "trapezius"),
    "neck": ("tail",),
    "thorax": ("tail",),
    "head_top": ("skull", "hair", "bun", "jaw", "tail"),
}
_INSIDE_TRUNK = ("hip", "shoulder", "neck", "thorax", "pelvis")


@dataclass(frozen=True)
class Geometry:
    """N people before N cameras.

    Attributes:
        frames: Their bones.
        build: Their outlines.
        view: Where the cameras stand.
        lens: What the cameras' lenses do.
        solids: Their parts, in the cameras' frames.
        quadrics: The surfaces of the parts.
        objects: What stands before them.
        points: (N, len(POINT_NAMES), 3) named points in the cameras' frames, statures.
        pixels: (N, len(POINT_NAMES), 2) the same in the pictures.
        lift: (N,) how high they are above the ground, statures.
    """

    frames: Frames
    build: Build
    view: View
    lens: Lens
    solids: Solids
    quadrics: Quadrics
    objects: Objects
    points: Floats
    pixels: Floats
    lift: Floats

    def bone_frame(self, person: int, bone: str) -> tuple[Floats, Floats, float]:
        """Return a bone's (3, 3) rotation to and (3,) origin in the camera's frame, and stretch."""
        row = BONE_NAMES.index(bone)
        view = self.view
        rotation = view.rotation[person] @ self.frames.rotation[person, row]
        origin = view.rotation[person] @ (self.frames.origin[person, row] - view.target[person])
        origin[2] += view.distance[person]
        return rotation, origin, float(self.frames.stretch[person, row])


def pose_people(numbers: Floats, size: int) -> Geometry:
    """Turn random numbers into people before cameras.

    Args:
        numbers: (N, NUM_DRAWS) uniform in [0, 1).
        size: Side of the pictures, pixels.
    """
    draws = Draws(numbers)
    angles = sample_angles(draws)
    frames = place_bones(angles, sample_scales(draws))
    build = sample_build(draws)
    world = frames.points()
    target = (world.min(axis=1) + world.max(axis=1)) / 2
    view = sample_view(draws, target)
    points = view.to_camera(world)
    lens = sample_lens(draws, points, size)
    pixels = lens.project(points)
    objects = sample_objects(draws, pixels, size)
    lift = np.where(draws.chance(0.25), draws.between(0.05, 0.4), 0.0)
    solids = place_solids(frames, build, view)
    return Geometry(
        frames, build, view, lens, solids, surfaces(solids), objects, points, pixels, lift
    )


def visibility(geometry: Geometry, names: tuple[str, ...], size: int) -> Floats:
    """Tell of named points whether they are seen (2), hidden (1) or outside the picture (0).

    A point is hidden where the ray from the camera meets another part of the body, or a part of the
    same region farther before the point than flesh is thick, or where an object covers it.

    Returns:
        (N, K) float32.
    """
    columns = [POINT_NAMES.index(name) for name in names]
    points, pixels = geometry.points[:, columns], geometry.pixels[:, columns]
    depth = points[..., 2:]
    hits = first_hits(geometry.quadrics, points / depth)  # (N, K, Q)
    hidden = (hits < depth - _margins(names)).any(axis=-1)
    hidden |= geometry.objects.cover(pixels)
    inside = ((pixels >= 0) & (pixels <= size - 1)).all(axis=-1)
    return np.where(inside, np.where(hidden, 1, 2), 0).astype(np.float32)


@cache
def _margins(names: tuple[str, ...]) -> Floats:
    """Return (K, Q) how much nearer each surface must be than each point to hide it."""
    table = np.full((len(names), len(PART_NAMES)), _MARGIN)
    for row, name in enumerate(names):
        side, _, joint = name.partition("_")
        kind = joint if side in ("left", "right") else name
        if kind in _INSIDE_TRUNK:
            table[row, parts_named(*_TRUNK)] = _TRUNK_MARGIN
        if kind in ("nose", "eye", "ear"):
            table[row] = _FACE_MARGIN
        own = parts_named(*_OWN.get(kind, ()))
        other = "right" if side == "left" else "left"
        table[row, [p for p in own if not PART_NAMES[p].startswith(other)]] = np.inf
    return table[:, PART_OF]
