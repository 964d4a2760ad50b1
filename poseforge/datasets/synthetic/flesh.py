"""Flesh and clothes: the solids that a body is made of, and how they vary.

Every part is a rounded cone: two spheres and the cone that touches both, squeezed to an ellipse
across its axis. With both centres in one place it is an ellipsoid. The dimensions are by eye, so
that outlines meet the breadths of Drillis and Contini where they give them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.body import BONE_NAMES, Point
from poseforge.datasets.synthetic.draws import Draws
from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class Part:
    """A rounded cone on a bone; lengths are statures.

    Args:
        bone: What it moves with.
        start: Centre of the first sphere in the bone's frame.
        end: Centre of the second one.
        radii: Of the two spheres.
        squeeze: Factors of the radii across the part and from its front to its back.
        is_open: The second end is cut off, as a skirt's hem.
        buried: Which of the spheres (0, 1) lie inside other parts, so that nobody sees them.
    """

    bone: str
    start: Point
    end: Point
    radii: tuple[float, float]
    squeeze: tuple[float, float] = (1.0, 1.0)
    is_open: bool = False
    buried: tuple[int, ...] = ()


def _ball(bone: str, at: Point, radius: float, squeeze: tuple[float, float] = (1, 1)) -> Part:
    return Part(bone, at, at, (radius, radius), squeeze)


_MIDDLE_PARTS: dict[str, Part] = {
    "pelvis": Part("pelvis", (0.036, 0.012, -0.004), (-0.036, 0.012, -0.004), (0.062, 0.062),
                   (1.08, 0.98)),
    "waist": Part("abdomen", (0, -0.035, 0), (0, 0.07, 0), (0.063, 0.060), (1.32, 0.94),
                  buried=(0, 1)),
    "chest": Part("chest", (0, -0.010, 0), (0, 0.100, -0.004), (0.061, 0.066), (1.42, 1.0)),
    "collar": Part("chest", (0.085, 0.148, -0.008), (-0.085, 0.148, -0.008), (0.036, 0.036),
                   buried=(0, 1)),
    "neck": Part("neck", (0, -0.025, -0.002), (0, 0.05, 0.006), (0.033, 0.030), buried=(0, 1)),
    "skull": _ball("head", (0, 0.050, 0.006), 0.060, (0.80, 1.02)),
    "jaw": _ball("head", (0, 0.018, 0.022), 0.043, (0.86, 0.98)),
    "nose": Part("head", (0, 0.044, 0.064), (0, 0.028, 0.072), (0.006, 0.0095)),
    "hair": _ball("head", (0, 0.060, -0.006), 0.062, (0.86, 1.02)),
    "tail": Part("head", (0, 0.060, -0.045), (0, -0.070, -0.050), (0.040, 0.034), (1.15, 0.8)),
    "bun": _ball("head", (0, 0.112, -0.038), 0.028),
    "brim": _ball("head", (0, 0.082, 0.070), 0.009, (4.6, 4.6)),
    "hem": Part("pelvis", (0, 0.10, 0), (0, -0.055, -0.006), (0.064, 0.077), (1.30, 1.16),
                True, (0,)),
    "pack": _ball("chest", (0, 0.055, -0.095), 0.100, (0.80, 0.52)),
}  # fmt: skip
_SIDE_PARTS: dict[str, Part] = {
    "breast": _ball("chest", (0.040, 0.072, 0.045), 0.034),
    "glute": _ball("pelvis", (0.042, -0.010, -0.030), 0.053),
    "ear": _ball("head", (0.049, 0.034, -0.002), 0.014, (0.4, 0.8)),
    "trapezius": Part("chest", (0.016, 0.200, -0.012), (0.085, 0.153, -0.010), (0.024, 0.029),
                      buried=(0, 1)),
    "upper_arm": Part("upper_arm", (0, 0, 0), (0, -0.182, 0), (0.040, 0.030)),
    "forearm": Part("forearm", (0, -0.004, 0), (0, -0.146, 0), (0.0315, 0.020)),
    "palm": Part("hand", (0, -0.014, 0), (0, -0.056, 0.004), (0.021, 0.021), (0.55, 1)),
    "fingers": Part("hand", (0, -0.064, 0.004), (0, -0.098, 0.010), (0.018, 0.010), (0.6, 1)),
    "thumb": Part("hand", (0, -0.022, 0.016), (0, -0.052, 0.030), (0.010, 0.007)),
    "thigh": Part("thigh", (0.003, -0.008, 0), (0, -0.238, 0), (0.064, 0.042)),
    "calf": Part("shin", (0, -0.008, -0.002), (0, -0.090, -0.010), (0.041, 0.041)),
    "shin": Part("shin", (0, -0.090, -0.009), (0, -0.240, 0), (0.041, 0.025), buried=(0,)),
    "foot": Part("foot", (0, -0.012, -0.022), (0, -0.021, 0.084), (0.027, 0.018), (1.2, 1.0)),
    "skirt": Part("thigh", (-0.008, 0.0, 0), (-0.002, -0.150, 0), (0.072, 0.088), (1, 1), True),
}  # fmt: skip


def _parts() -> dict[str, Part]:
    parts = dict(_MIDDLE_PARTS)
    for name, part in _SIDE_PARTS.items():
        for side, sign in (("left", 1), ("right", -1)):
            bone = part.bone if part.bone in BONE_NAMES else f"{side}_{part.bone}"
            (x1, y1, z1), (x2, y2, z2) = part.start, part.end
            start, end = (sign * x1, y1, z1), (sign * x2, y2, z2)
            parts[f"{side}_{name}"] = replace(part, bone=bone, start=start, end=end)
    return parts


PARTS = _parts()
PART_NAMES = tuple(PARTS)


@cache
def parts_named(*names: str) -> NDArray[np.intp]:
    """Return the rows of parts, both sides of those that have sides."""
    wanted = {*names, *(f"{side}_{name}" for name in names for side in ("left", "right"))}
    return np.array([i for i, name in enumerate(PART_NAMES) if name in wanted])


HAIRSTYLES = ("short", "long", "ponytail", "bun", "bald", "cap", "full")
LOWER_GARMENTS = ("trousers", "shorts", "tights", "skirt")
_RADII = np.array([part.radii for part in PARTS.values()])  # (P, 2)


@dataclass(frozen=True)
class Build:
    """What varies in the outlines of N people.

    Attributes:
        radii: (N, P, 2) of every part's spheres, 0 where a person has no such part.
        hair: (N,) rows of HAIRSTYLES.
        lower: (N,) rows of LOWER_GARMENTS.
        is_loose: (N,) whether the upper garment hangs over the lower one.
        has_bust: (N,) whether the chest is a woman's.
    """

    radii: Floats
    hair: NDArray[np.intp]
    lower: NDArray[np.intp]
    is_loose: NDArray[np.bool_]
    has_bust: NDArray[np.bool_]


def sample_build(draws: Draws) -> Build:
    """Draw how stout people are, their hairstyle and the cut of their clothes."""
    has_bust = draws.chance(0.45)
    girth = draws.between(0.88, 1.20)
    own = 1 + 0.1 * (2 * draws.columns(3) - 1)  # trunk, arms, legs
    hair_number, lower_number = draws.columns(2).T
    sex = has_bust.astype(np.intp)
    hair = (hair_number[:, None] > _HAIR_EDGES[sex]).sum(axis=1)
    lower = (lower_number[:, None] > _LOWER_EDGES[sex]).sum(axis=1)
    is_loose, has_pack = draws.chance(0.45), draws.chance(0.06)
    trunk = girth * own[:, 0]
    limb = np.sqrt(girth)
    factor = np.ones((draws.num_people, 5))
    factor[:, 1] = trunk
    factor[:, 2] = trunk * np.where(has_bust, 0.90, 1.0)
    factor[:, 3] = limb * own[:, 1] * np.where(has_bust, 0.90, 1.0)
    factor[:, 4] = limb * own[:, 2] * np.where(lower == 0, 1.06, 1.0)
    worn = np.zeros((draws.num_people, 1 + len(_OPTIONS)))
    worn[:, 0] = 1
    worn[:, 1] = has_bust
    worn[:, 2:6] = _HAIR_SIZES[hair]
    worn[:, 6] = is_loose
    worn[:, 7] = lower == LOWER_GARMENTS.index("skirt")
    worn[:, 8] = has_pack
    size = factor[:, _GROUP_OF] * worn[:, _OPTION_OF]
    return Build(_RADII * size[..., None], hair, lower, is_loose, has_bust)


# Where in [0, 1) one style ends and the next begins: men, women.
_HAIR_EDGES = np.array([(0.52, 0.56, 0.58, 0.59, 0.72, 0.90), (0.18, 0.50, 0.76, 0.90, 0.90, 0.94)])
_LOWER_EDGES = np.array([(0.50, 0.93, 1.0), (0.35, 0.58, 0.78)])
# How large hair, tail, bun and brim are with each of HAIRSTYLES.
_HAIR_SIZES = np.array(
    [(1, 0, 0, 0), (1, 1, 0, 0), (1, 0.48, 0, 0), (1, 0, 1, 0), (0, 0, 0, 0), (1, 0, 0, 1),
     (1.28, 0, 0, 0)]
)  # fmt: skip
_OPTIONS = ("breast", "hair", "tail", "bun", "brim", "hem", "skirt", "pack")
_GROUPS = (
    ("pelvis", "chest", "hem", "breast", "glute"),
    ("waist",),
    ("upper_arm", "forearm", "trapezius", "collar", "neck"),
    ("thigh", "calf", "shin", "skirt"),
)


def _rows_of(groups: Sequence[tuple[str, ...]]) -> NDArray[np.intp]:
    """Return (P,) which group a part is in, from 1; 0 for none."""
    rows = np.zeros(len(PARTS), dtype=np.intp)
    for row, names in enumerate(groups, start=1):
        rows[parts_named(*names)] = row
    return rows


_GROUP_OF = _rows_of(_GROUPS)
_OPTION_OF = _rows_of([(name,) for name in _OPTIONS])
