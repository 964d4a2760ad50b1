"""The 3-D skeleton: bones with human proportions, and where angles put them.

Lengths are fractions of the stature (Drillis and Contini, "Body Segment Parameters", 1966, as
tabulated by Winter, "Biomechanics and Motor Control of Human Movement", 2009), so a person is 1
tall. In a person's frame x points to the person's left, y up and z forwards; a bone's frame is the
same where the person stands upright with hanging arms, and its origin is the joint it turns about.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.draws import Draws
from poseforge.datasets.synthetic.poses import Angles
from poseforge.structures.affine import Floats

Point = tuple[float, float, float]

UPPER_ARM, FOREARM, HAND = 0.186, 0.146, 0.108
THIGH, SHIN, ANKLE_HEIGHT, FOOT = 0.245, 0.246, 0.039, 0.152
HIP_HEIGHT, SHOULDER_HEIGHT = 0.530, 0.818
# Joint centres lie inside the breadths that calipers measure (0.259 acromial, 0.191 at the hips).
HALF_SHOULDERS, HALF_HIPS = 0.102, 0.054

# Bones whose lengths vary together from person to person.
SCALES = ("trunk", "head", "arm", "leg", "shoulders", "hips")


@dataclass(frozen=True)
class Bone:
    """A bone: what it hangs on, where, and which of SCALES stretch the way there and itself."""

    parent: int
    offset: Point
    offset_scale: str
    scale: str


_ARM, _LEG = ("upper_arm", "forearm", "hand"), ("thigh", "shin", "foot")


def _bones() -> dict[str, Bone]:
    """List the bones, parents first; the sides alternate, left first."""
    shoulder_y = SHOULDER_HEIGHT - HIP_HEIGHT - 0.045 - 0.085
    bones = {
        "pelvis": Bone(-1, (0, 0, 0), "trunk", "trunk"),
        "abdomen": Bone(0, (0, 0.045, -0.004), "trunk", "trunk"),
        "chest": Bone(1, (0, 0.085, 0), "trunk", "trunk"),
        "neck": Bone(2, (0, 0.187, -0.008), "trunk", "head"),
        "head": Bone(3, (0, 0.043, 0.006), "head", "head"),
    }
    chains = (
        (_ARM, 2, (HALF_SHOULDERS, shoulder_y, -0.008), "shoulders", (UPPER_ARM, FOREARM), "arm"),
        (_LEG, 0, (HALF_HIPS, 0.0, 0.0), "hips", (THIGH, SHIN), "leg"),
    )
    for names, root, start, start_scale, lengths, scale in chains:
        for side, sign in (("left", 1), ("right", -1)):
            bones[f"{side}_{names[0]}"] = Bone(
                root, (sign * start[0], start[1], start[2]), start_scale, scale
            )
        for above, name, length in zip(names, names[1:], lengths, strict=False):
            for side in ("left", "right"):
                parent = list(bones).index(f"{side}_{above}")
                bones[f"{side}_{name}"] = Bone(parent, (0, -length, 0), scale, scale)
    return bones


BONES = _bones()
BONE_NAMES = tuple(BONES)

# Where the named points lie: a bone and a place in its frame. The right side mirrors the left.
_MIDDLE_POINTS: dict[str, tuple[str, Point]] = {
    "pelvis": ("pelvis", (0, 0, 0)),
    "thorax": ("chest", (0, 0.158, -0.008)),
    "neck": ("neck", (0, 0, 0)),
    "head_top": ("head", (0, 0.110, 0.004)),
    "nose": ("head", (0, 0.028, 0.079)),
}
_SIDE_POINTS: dict[str, tuple[str, Point]] = {
    "shoulder": ("upper_arm", (0, 0, 0)),
    "elbow": ("forearm", (0, 0, 0)),
    "wrist": ("hand", (0, 0, 0)),
    "fingertip": ("hand", (0, -HAND, 0.01)),
    "hip": ("thigh", (0, 0, 0)),
    "knee": ("shin", (0, 0, 0)),
    "ankle": ("foot", (0, 0, 0)),
    "toe": ("foot", (0, -0.022, FOOT - 0.049)),
    "heel": ("foot", (0, -0.012, -0.049)),
    "eye": ("head", (0.020, 0.046, 0.062)),
    "ear": ("head", (0.050, 0.036, 0.0)),
}


def _points() -> dict[str, tuple[int, Point]]:
    points = {name: (BONE_NAMES.index(bone), at) for name, (bone, at) in _MIDDLE_POINTS.items()}
    for name, (bone, (x, y, z)) in _SIDE_POINTS.items():
        for side, sign in (("left", 1), ("right", -1)):
            place = bone if bone in BONE_NAMES else f"{side}_{bone}"
            points[f"{side}_{name}"] = (BONE_NAMES.index(place), (sign * x, y, z))
    return points


POINTS = _points()
POINT_NAMES = tuple(POINTS)

_POINT_BONES: NDArray[np.intp] = np.array([bone for bone, _ in POINTS.values()])
_POINT_PLACES = np.array([place for _, place in POINTS.values()], dtype=np.float64)
_BONE_SCALES: NDArray[np.intp] = np.array([SCALES.index(b.scale) for b in BONES.values()])


def sample_scales(draws: Draws) -> Floats:
    """Draw (N, 6) factors of SCALES: people differ by a few per cent, heads by more."""
    spread = np.array([0.03, 0.06, 0.04, 0.04, 0.08, 0.06])
    return 1 + spread * (2 * draws.columns(len(SCALES)) - 1)


@dataclass(frozen=True)
class Frames:
    """Where the bones of N people are, in the frame that the people stand in.

    Attributes:
        rotation: (N, 17, 3, 3) from a bone's frame.
        origin: (N, 17, 3) the joint that a bone turns about.
        stretch: (N, 17) factor of a bone's length.
    """

    rotation: Floats
    origin: Floats
    stretch: Floats

    def points(self) -> Floats:
        """Return the named points, (N, len(POINT_NAMES), 3)."""
        local = _POINT_PLACES * self.stretch[:, _POINT_BONES, None]
        turned = (self.rotation[:, _POINT_BONES] @ local[..., None])[..., 0]
        return turned + self.origin[:, _POINT_BONES]


def place_bones(angles: Angles, scales: Floats) -> Frames:
    """Turn every joint by its angles, from the pelvis outwards (forward kinematics).

    Args:
        angles: Of N people.
        scales: (N, 6) factors of SCALES.
    """
    rotation = _local_rotations(angles)  # (N, 17, 3, 3), the parents' turns follow below
    offsets = (_OFFSETS * scales[:, _OFFSET_SCALES])[..., None]  # (N, 17, 3, 1)
    origin = np.zeros(offsets.shape[:-1])
    for bones, parents in _STEPS:
        above = rotation[:, parents]
        origin[:, bones] = origin[:, parents] + (above @ offsets[:, bones])[..., 0]
        rotation[:, bones] = above @ rotation[:, bones]
    return Frames(rotation, origin, scales[:, _BONE_SCALES])


def _steps() -> list[tuple[slice, slice]]:
    """List the bones but the pelvis with their parents, parents first, both sides at once."""
    steps = []
    for row, (name, bone) in enumerate(BONES.items()):
        if bone.parent < 0 or name.startswith("right_"):
            continue
        width = 2 if name.startswith("left_") else 1
        both = BONE_NAMES[bone.parent].startswith("left_")
        steps.append((slice(row, row + width), slice(bone.parent, bone.parent + 1 + both)))
    return steps


def _offset_scales() -> NDArray[np.intp]:
    """Return (17, 3) rows of SCALES: breadths stretch a joint's x, the trunk its height."""
    rows = [[SCALES.index(bone.offset_scale)] * 3 for bone in BONES.values()]
    for row, bone in zip(rows, BONES.values(), strict=True):
        if bone.offset_scale in ("shoulders", "hips"):
            row[1:] = [SCALES.index("trunk")] * 2
    return np.array(rows)


_STEPS = _steps()
_OFFSETS = np.array([bone.offset for bone in BONES.values()], dtype=np.float64)
_OFFSET_SCALES = _offset_scales()


def _local_rotations(angles: Angles) -> Floats:
    """Return (N, 17, 3, 3) turns of every bone in its parent's frame: about x, then z, then y."""
    trunk, side = angles.trunk, np.array([1.0, -1.0])
    zero = np.zeros_like(angles["elbow"])
    # The spine and the neck each share their turns between two joints.
    twice, half = [0, 1, 1, 2, 2], np.array([1.0, 0.5, 0.5, 0.5, 0.5])
    bend = trunk[:, [0, 2, 5]][:, twice] * half
    lean = -trunk[:, [1, 3, 6]][:, twice] * half
    twist = np.stack([zero[:, 0], angles["spine_twist"], angles["head_twist"]], axis=1)
    x = np.concatenate(
        [bend, zero, -angles["elbow"], zero, -angles["hip_flex"], angles["knee"], angles["ankle"]],
        axis=1,
    )
    z = np.concatenate(
        [lean, side * angles["arm_raise"], zero, -side * angles["wrist"],
         side * angles["hip_abduct"], zero, zero], axis=1,
    )  # fmt: skip
    plane = side * angles["arm_plane"]
    y = np.concatenate(
        [twist[:, twice] * half, plane + side * angles["arm_roll"], side * angles["forearm_turn"],
         zero, side * angles["hip_roll"], zero, zero], axis=1,
    )  # fmt: skip
    turns = _turn_xzy(x, z, y)
    arms = slice(5, 7)
    # An arm rises in its plane: turn the plane sideways, rise, turn back.
    turns[:, arms] = turn(1, -plane) @ turns[:, arms]
    return turns


def _turn_xzy(x: Floats, z: Floats, y: Floats) -> Floats:
    """Return turn(0, x) @ turn(2, z) @ turn(1, y), written out because that is quicker."""
    angles = np.deg2rad(np.array([x, z, y]))
    (cx, cz, cy), (sx, sz, sy) = np.cos(angles), np.sin(angles)
    matrix = np.empty((*x.shape, 3, 3))
    matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 0, 2] = cz * cy, -sz, cz * sy
    matrix[..., 1, 0] = cx * sz * cy + sx * sy
    matrix[..., 1, 1] = cx * cz
    matrix[..., 1, 2] = cx * sz * sy - sx * cy
    matrix[..., 2, 0] = sx * sz * cy - cx * sy
    matrix[..., 2, 1] = sx * cz
    matrix[..., 2, 2] = sx * sz * sy + cx * cy
    return matrix


def turn(axis: int, angle_deg: Floats) -> Floats:
    """Return rotations (..., 3, 3) about x (0), y (1) or z (2)."""
    angle = np.deg2rad(angle_deg)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*angle.shape, 3, 3))
    matrix[..., axis, axis] = 1
    matrix[..., i, i] = matrix[..., j, j] = np.cos(angle)
    matrix[..., j, i] = np.sin(angle)
    matrix[..., i, j] = -matrix[..., j, i]
    return matrix
