"""Poses: which way joints turn, how far, and what people do with them.

Angles are degrees from standing upright with the arms hanging and the palms inwards:

- `root_pitch`, `root_roll`: the whole body leans forwards, to its right.
- `spine_*`, `head_*`: flexion forwards, bending to the right, twist to the left.
- `arm_raise`: elevation of the upper arm; `arm_plane`: in which plane (0 sideways, 90 forwards);
  `arm_roll`: turn about its axis (outwards positive); `elbow`, `wrist`: flexion; `forearm_turn`.
- `hip_flex`, `hip_abduct`, `hip_roll`: thigh forwards, outwards, turned outwards; `knee`: flexion;
  `ankle`: toes down.

The limits are the ranges of motion of healthy adults (Norkin and White, "Measurement of Joint
Motion", 5th ed., 2016; American Academy of Orthopaedic Surgeons, 1965), rounded to 5 degrees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from poseforge.datasets.synthetic.draws import Draws
from poseforge.structures.affine import Floats

Range = tuple[float, float]

TRUNK_LIMITS: dict[str, Range] = {
    "root_pitch": (-180, 180), "root_roll": (-180, 180),
    "spine_flex": (-30, 85), "spine_side": (-35, 35), "spine_twist": (-45, 45),
    "head_flex": (-50, 50), "head_side": (-35, 35), "head_twist": (-70, 70),
}  # fmt: skip
LIMB_LIMITS: dict[str, Range] = {
    "arm_raise": (0, 175), "arm_plane": (-50, 130), "arm_roll": (-85, 85), "elbow": (0, 145),
    "forearm_turn": (-80, 80), "wrist": (-60, 60),
    "hip_flex": (-25, 125), "hip_abduct": (-20, 65), "hip_roll": (-35, 45), "knee": (0, 140),
    "ankle": (-20, 45),
}  # fmt: skip

TRUNK_DOFS = tuple(TRUNK_LIMITS)
LIMB_DOFS = tuple(LIMB_LIMITS)
_MIRRORED = ("root_roll", "spine_side", "spine_twist", "head_side", "head_twist")


@dataclass(frozen=True)
class Angles:
    """Joint angles of N people, degrees.

    Attributes:
        trunk: (N, 8) in the order of TRUNK_DOFS.
        limbs: (N, 2, 11) left and right, in the order of LIMB_DOFS.
    """

    trunk: Floats
    limbs: Floats

    def __getitem__(self, dof: str) -> Floats:
        """Return an angle of the trunk, (N,), or of both sides, (N, 2)."""
        if dof in TRUNK_DOFS:
            return self.trunk[:, TRUNK_DOFS.index(dof)]
        return self.limbs[:, :, LIMB_DOFS.index(dof)]


@dataclass(frozen=True)
class Action:
    """What a person does: ranges that replace the relaxed ones.

    Args:
        weight: How often, relative to the others.
        both: Ranges of the trunk and of both sides.
        left: Ranges of the left side; half of the people are mirrored.
        right: Ranges of the right side.
    """

    weight: float
    both: Mapping[str, Range] = field(default_factory=dict)
    left: Mapping[str, Range] = field(default_factory=dict)
    right: Mapping[str, Range] = field(default_factory=dict)


RELAXED: dict[str, Range] = {
    "root_pitch": (-4, 6), "root_roll": (-4, 4),
    "spine_flex": (-8, 14), "spine_side": (-8, 8), "spine_twist": (-15, 15),
    "head_flex": (-15, 20), "head_side": (-12, 12), "head_twist": (-40, 40),
    "arm_raise": (4, 22), "arm_plane": (-20, 70), "arm_roll": (-45, 15), "elbow": (4, 40),
    "forearm_turn": (-30, 30), "wrist": (-20, 25),
    "hip_flex": (-8, 10), "hip_abduct": (0, 12), "hip_roll": (-5, 20), "knee": (0, 12),
    "ankle": (-8, 8),
}  # fmt: skip

ACTIONS: dict[str, Action] = {
    "stand": Action(1.2),
    "lean": Action(
        1.0,
        both={"spine_side": (-15, 15), "arm_raise": (10, 50), "elbow": (20, 110)},
        left={"hip_flex": (0, 25), "knee": (5, 45), "hip_abduct": (2, 20)},
    ),
    "hands_on_hips": Action(
        0.7,
        both={"arm_raise": (32, 52), "arm_plane": (-30, 5), "arm_roll": (-75, -45),
              "elbow": (75, 105), "wrist": (0, 40)},
    ),
    "hands_behind": Action(
        0.5,
        both={"arm_raise": (18, 38), "arm_plane": (-50, -40), "arm_roll": (-85, -65),
              "elbow": (30, 80)},
    ),
    "walk": Action(
        1.3,
        both={"root_pitch": (0, 8), "arm_raise": (10, 40), "elbow": (10, 60)},
        left={"hip_flex": (15, 40), "knee": (2, 30), "arm_plane": (-50, -40), "ankle": (-15, 5)},
        right={"hip_flex": (-20, 0), "knee": (5, 45), "arm_plane": (70, 95), "ankle": (0, 30)},
    ),
    "run": Action(
        1.8,
        both={"root_pitch": (5, 22), "spine_flex": (0, 20), "spine_twist": (-25, 5),
              "arm_raise": (30, 70), "elbow": (65, 115)},
        left={"hip_flex": (45, 95), "knee": (50, 120), "arm_plane": (-50, -35)},
        right={"hip_flex": (-25, 5), "knee": (10, 95), "arm_plane": (60, 100), "ankle": (10, 40)},
    ),
    "jump": Action(
        1.2,
        both={"root_pitch": (-15, 20), "arm_raise": (80, 170), "arm_plane": (0, 90),
              "elbow": (5, 80), "hip_flex": (-15, 70), "hip_abduct": (0, 45), "knee": (5, 110),
              "ankle": (10, 45), "head_flex": (-35, 10)},
    ),
    "arms_up": Action(
        1.0,
        both={"arm_raise": (120, 172), "arm_plane": (0, 80), "elbow": (0, 70),
              "arm_roll": (-20, 60), "head_flex": (-30, 10)},
    ),
    "arms_wide": Action(
        0.8,
        both={"arm_raise": (60, 115), "arm_plane": (-15, 40), "elbow": (0, 50),
              "arm_roll": (-40, 60), "hip_abduct": (5, 35)},
    ),
    "squat": Action(
        1.0,
        both={"root_pitch": (5, 25), "hip_flex": (70, 120), "knee": (80, 135),
              "hip_abduct": (5, 35), "hip_roll": (0, 30), "ankle": (-20, 0),
              "arm_raise": (20, 95), "arm_plane": (50, 100), "elbow": (5, 100)},
    ),
    "sit": Action(
        1.2,
        both={"root_pitch": (-15, 10), "hip_flex": (70, 100), "knee": (55, 105),
              "hip_abduct": (0, 25), "arm_raise": (10, 55), "arm_plane": (30, 90),
              "elbow": (20, 95)},
    ),
    "bend": Action(
        1.0,
        both={"root_pitch": (10, 55), "spine_flex": (25, 80), "head_flex": (-35, 20),
              "hip_flex": (15, 60), "knee": (5, 50), "arm_raise": (30, 110),
              "arm_plane": (60, 100), "elbow": (0, 60)},
    ),
    "throw": Action(
        1.3,
        both={"spine_twist": (-40, 10), "spine_side": (-20, 20), "spine_flex": (-20, 25)},
        left={"arm_raise": (40, 100), "arm_plane": (20, 95), "elbow": (5, 60),
              "hip_flex": (20, 75), "knee": (10, 70)},
        right={"arm_raise": (75, 130), "arm_plane": (-45, 20), "arm_roll": (40, 85),
               "elbow": (40, 115), "hip_flex": (-20, 10), "knee": (5, 45)},
    ),
    "swing": Action(
        1.0,
        both={"arm_raise": (50, 100), "arm_plane": (70, 130), "elbow": (10, 70),
              "arm_roll": (-40, 20), "spine_twist": (-45, 45), "spine_flex": (5, 35),
              "hip_abduct": (8, 28), "knee": (10, 45), "hip_flex": (5, 35)},
    ),
    "lunge": Action(
        1.1,
        both={"arm_raise": (30, 110), "elbow": (0, 90), "spine_twist": (-30, 30)},
        left={"hip_flex": (60, 105), "knee": (60, 110), "hip_abduct": (0, 25),
              "arm_plane": (40, 95)},
        right={"hip_flex": (-25, 0), "knee": (5, 60), "ankle": (-15, 20), "arm_plane": (-40, 30)},
    ),
    "kick": Action(
        1.1,
        both={"root_pitch": (-25, 5), "arm_raise": (25, 95), "elbow": (5, 75),
              "spine_twist": (-35, 35)},
        left={"hip_flex": (40, 115), "knee": (0, 60), "hip_abduct": (0, 40), "ankle": (10, 45)},
        right={"hip_flex": (-10, 15), "knee": (5, 35)},
    ),
    "kneel": Action(
        0.7,
        both={"arm_raise": (10, 90), "arm_plane": (20, 95), "elbow": (10, 100)},
        left={"hip_flex": (75, 100), "knee": (80, 105)},
        right={"hip_flex": (-10, 15), "knee": (85, 115), "ankle": (20, 45)},
    ),
    "handstand": Action(
        0.8,
        both={"root_pitch": (165, 195), "root_roll": (-15, 15), "spine_flex": (-30, 10),
              "head_flex": (-45, -5), "arm_raise": (150, 175), "arm_plane": (30, 90),
              "elbow": (0, 25), "hip_flex": (-25, 45), "hip_abduct": (0, 45), "knee": (0, 60),
              "ankle": (10, 45), "wrist": (-60, -30)},
    ),
    "cartwheel": Action(
        0.9,
        both={"root_roll": (50, 175), "arm_raise": (110, 172), "arm_plane": (0, 40),
              "elbow": (0, 25), "hip_abduct": (15, 60), "hip_flex": (-15, 30), "knee": (0, 35),
              "ankle": (10, 45)},
    ),
    "flight": Action(
        0.9,
        both={"root_pitch": (55, 120), "root_roll": (-40, 40), "spine_flex": (-30, 25),
              "head_flex": (-45, 10), "arm_raise": (20, 170), "arm_plane": (0, 95),
              "elbow": (0, 80), "hip_flex": (-25, 70), "hip_abduct": (0, 30), "knee": (0, 100),
              "ankle": (10, 45)},
    ),
    "balance": Action(
        0.7,
        both={"root_pitch": (30, 75), "spine_flex": (-20, 10), "arm_raise": (60, 120),
              "elbow": (0, 25), "head_flex": (-45, -10)},
        left={"hip_flex": (40, 80), "knee": (0, 20)},
        right={"hip_flex": (-25, 0), "knee": (0, 40), "ankle": (15, 45)},
    ),
    "free": Action(
        2.0,
        both={"root_pitch": (-15, 25), "root_roll": (-15, 15), "spine_flex": (-20, 50),
              "spine_side": (-28, 28), "spine_twist": (-35, 35), "arm_raise": (0, 170),
              "arm_plane": (-20, 110), "arm_roll": (-60, 70), "elbow": (0, 135),
              "hip_flex": (-20, 105), "hip_abduct": (0, 45), "hip_roll": (-20, 35),
              "knee": (0, 125), "ankle": (-10, 40)},
    ),
}  # fmt: skip


def sample_angles(draws: Draws) -> Angles:
    """Draw what N people do and how exactly, within the limits of their joints."""
    action = draws.pick([action.weight for action in ACTIONS.values()])
    mirrored = draws.chance(0.5)
    num_trunk, num_limb = len(TRUNK_DOFS), len(LIMB_DOFS)
    numbers = draws.columns(num_trunk + 2 * num_limb)
    angles = _LOW[action] + (_HIGH[action] - _LOW[action]) * numbers
    trunk = angles[:, :num_trunk]
    limbs = angles[:, num_trunk:].reshape(-1, 2, num_limb)
    signs = np.where([dof in _MIRRORED for dof in TRUNK_DOFS], -1.0, 1.0)
    trunk = np.where(mirrored[:, None], trunk * signs, trunk)
    limbs = np.where(mirrored[:, None, None], limbs[:, ::-1], limbs)
    return Angles(trunk, limbs)


def _bounds(end: int) -> Floats:
    """Return every action's lower (0) or upper (1) bounds, clipped to the joints' limits."""
    table = []
    for action in ACTIONS.values():
        sides = ({**RELAXED, **action.both, **own} for own in (action.left, action.right))
        trunk = {**RELAXED, **action.both}
        wanted = [trunk[dof][end] for dof in TRUNK_DOFS]
        wanted += [ranges[dof][end] for ranges in sides for dof in LIMB_DOFS]
        table.append(wanted)
    limits = [*TRUNK_LIMITS.values(), *LIMB_LIMITS.values(), *LIMB_LIMITS.values()]
    low, high = np.array(limits, dtype=np.float64).T
    # A handstand turns past 180 degrees; the root has no joint that would stop it.
    low[:2], high[:2] = -360, 360
    return np.clip(np.array(table, dtype=np.float64), low, high)


_LOW, _HIGH = _bounds(0), _bounds(1)
