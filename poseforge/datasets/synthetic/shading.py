"""Shading: the colour of every pixel of a person, from stuff, light and what is around it.

Arrays are one row a coordinate or a colour channel, (3, M), because whole rows are quick.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.appearance import Appearance, Cloth
from poseforge.datasets.synthetic.draws import Dice
from poseforge.datasets.synthetic.flesh import PART_NAMES, PARTS, parts_named
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.markings import paint_face, paint_front
from poseforge.datasets.synthetic.quadrics import PART_OF
from poseforge.datasets.synthetic.raster import Pixels
from poseforge.structures.affine import Floats

Rows = NDArray[np.intp]

_SKIN, _HAIR, _CAP, _UPPER, _LOWER, _SHOE, _SOLE, _PACK = range(8)
_STUFF = {
    "pelvis": _LOWER, "glute": _LOWER, "skirt": _LOWER, "thigh": _LOWER, "calf": _LOWER,
    "shin": _LOWER, "foot": _SHOE, "waist": _UPPER, "chest": _UPPER, "collar": _UPPER,
    "breast": _UPPER, "trapezius": _UPPER, "hem": _UPPER, "upper_arm": _UPPER, "forearm": _UPPER,
    "pack": _PACK, "hair": _HAIR, "tail": _HAIR, "bun": _HAIR, "brim": _CAP,
}  # fmt: skip
_BARE_NAMES = [name.removeprefix("left_").removeprefix("right_") for name in PART_NAMES]
_STUFF_OF: Rows = np.array([_STUFF.get(name, _SKIN) for name in _BARE_NAMES])
# Parts that a sleeve or a leg of trousers runs along: where on the limb they start (upper segment
# 0 to 1, lower one 1 to 2) and how much of it they are.
_TUBES = {
    "upper_arm": (0.0, 1.0), "forearm": (1.0, 1.0),
    "thigh": (0.0, 1.0), "calf": (1.0, 0.35), "shin": (1.35, 0.65),
}  # fmt: skip
_LENGTHS = {name: np.ptp([p.start[1], p.end[1]]) for name, p in PARTS.items()}
_SOLE_HEIGHT = -0.012  # across the foot, in its squeezed frame
_CAP_HEIGHT = 0.010  # above the middle of the hair


def _is(*names: str) -> NDArray[np.bool_]:
    return np.isin(np.arange(len(PARTS)), parts_named(*names))


_FOOT, _HAIR_PART, _SHIN = _is("foot"), _is("hair"), _is("shin")
_TUBE_ENDS = _is("upper_arm", "forearm", "calf", "shin")
_CHEST, _FACE = _is("chest", "waist", "hem", "breast"), _is("skull", "jaw", "nose")


def shade(pixels: Pixels, geometry: Geometry, person: int, looks: Appearance, dice: Dice) -> Floats:
    """Return the colours (3, M) float32 RGB of a person's pixels."""
    part = PART_OF[pixels.surface]
    local = _local_points(pixels, part, geometry, person)
    stuff = _stuff_of_pixels(part, local, looks)
    palette = np.array(
        [looks.skin, looks.hair, looks.cap, looks.upper.color, looks.lower.color, looks.shoe,
         looks.sole, looks.pack], dtype=np.float32,
    ).T  # fmt: skip
    color = palette.take(stuff, axis=1, mode="clip")
    for kind, cloth in ((_UPPER, looks.upper), (_LOWER, looks.lower)):
        if cloth.pattern != "plain":
            rows = np.flatnonzero(stuff == kind)
            color[:, rows] = _weave(color[:, rows], part[rows], local[:, rows], cloth)
    rows = np.flatnonzero(_CHEST[part] & (stuff == _UPPER))
    paint_front(color, rows, _in_bone(geometry, person, "chest", pixels, rows), looks)
    rows = np.flatnonzero(_FACE[part])
    paint_face(color, rows, _in_bone(geometry, person, "head", pixels, rows), looks)
    _light(color, _normals(pixels, geometry, person), geometry.view.rotation[person, :, 1], dice)
    return color


def _local_points(pixels: Pixels, part: Rows, geometry: Geometry, person: int) -> Floats:
    """Return the pixels' points (3, M) in the frames of their parts."""
    to_part, shift = geometry.solids.to_part[person], geometry.solids.shift[person]
    table = np.concatenate([to_part, shift[..., None]], axis=-1).reshape(-1, 12).T
    a = table.astype(np.float32).take(part, axis=1, mode="clip")
    x, y, z = pixels.point
    return np.array([a[i] * x + a[i + 1] * y + a[i + 2] * z + a[i + 3] for i in (0, 4, 8)])


def _normals(pixels: Pixels, geometry: Geometry, person: int) -> Floats:
    """Return unit normals (3, M): the gradients of the quadrics."""
    quadrics = geometry.quadrics
    matrix, vector = quadrics.matrix[person], quadrics.vector[person]
    table = np.concatenate([matrix, vector[..., None]], axis=-1).reshape(-1, 12).T
    a = table.astype(np.float32).take(pixels.surface, axis=1, mode="clip")
    x, y, z = pixels.point
    normal = np.array([a[i] * x + a[i + 1] * y + a[i + 2] * z + a[i + 3] for i in (0, 4, 8)])
    length = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
    unit: Floats = normal / np.maximum(length, 1e-9)
    return unit


def _stuff_of_pixels(part: Rows, local: Floats, looks: Appearance) -> Rows:
    """Return what every pixel is made of: clothes end where their cut says."""
    ends = np.full(len(PARTS), np.inf, dtype=np.float32)
    for name, (start, share) in _TUBES.items():
        length = looks.sleeve if "arm" in name else looks.leg
        ends[parts_named(name)] = (length - start) / share * _LENGTHS[f"left_{name}"]
    stuff = _STUFF_OF[part]
    stuff[local[1] > ends[part]] = _SKIN
    if looks.socks and looks.leg < 1.6:
        stuff[_SHIN[part] & (local[1] > (1 - looks.socks) * _LENGTHS["left_shin"])] = _SOLE
    stuff[_FOOT[part] & (local[2] < _SOLE_HEIGHT)] = _SOLE
    if looks.is_capped:
        stuff[_HAIR_PART[part] & (local[1] > _CAP_HEIGHT)] = _CAP
    return stuff


def _weave(color: Floats, part: Rows, local: Floats, cloth: Cloth) -> Floats:
    """Return the colours (3, M) of a cloth's pixels with its pattern."""
    amount: Floats
    if cloth.pattern == "block":
        amount = _TUBE_ENDS[part].astype(np.float32)
    else:
        x, y, z = local / np.float32(cloth.pitch)
        around = np.where(np.abs(x) > np.abs(z), z, x)
        amount = _pattern(cloth.pattern, x, y, z, around)
    mixed: Floats = color + amount * (cloth.other[:, None] - color)
    return mixed


def _pattern(pattern: str, x: Floats, y: Floats, z: Floats, around: Floats) -> Floats:
    """Return how much of the other colour (M,) a pattern shows, 0 to 1."""
    if pattern == "mottled":
        mottled: Floats = 0.3 + 0.3 * np.sin(5 * x + 3 * np.sin(4 * y)) * np.sin(6 * z + 2 * y)
        return mottled
    down, across = y - np.floor(y), around - np.floor(around)
    half = np.float32(0.5)
    amounts = {
        "hoops": down < 0.5,
        "stripes": across < 0.35,
        "checks": half * (down < 0.5) + half * (across < 0.5),
        "spots": (down - half) ** 2 + (across - half) ** 2 < 0.08,
    }
    amount: Floats = np.asarray(amounts[pattern], dtype=np.float32)
    return amount


def _in_bone(geometry: Geometry, person: int, bone: str, pixels: Pixels, rows: Rows) -> Floats:
    """Return the points (3, R) of some pixels in a bone's frame."""
    rotation, origin, stretch = geometry.bone_frame(person, bone)
    points = np.array([axis[rows] for axis in pixels.point])
    local: Floats = (rotation.T / stretch).astype(np.float32) @ (
        points - origin[:, None].astype(np.float32)
    )
    return local


def _light(color: Floats, normal: Floats, up: Floats, dice: Dice) -> None:
    """Multiply colours by the light of a sun and a sky, in place."""
    sun = np.array([dice.between(-1, 1), 0, dice.between(-1.0, 0.35)])
    sun = sun / (np.linalg.norm(sun) + 1e-6) * dice.between(0.4, 1.1) + up
    sun = sun / np.linalg.norm(sun)
    strength = np.float32(dice.between(0.35, 0.8))
    warm = dice.between(-0.06, 0.10)
    sun_x, sun_y, sun_z = sun.astype(np.float32)
    up_x, up_y, up_z = up.astype(np.float32)
    x, y, z = normal
    direct = np.maximum((x * sun_x + y * sun_y + z * sun_z + np.float32(0.18)), 0) * strength
    sky = np.float32(0.22) * (x * up_x + y * up_y + z * up_z) + np.float32(0.80)
    sky *= np.float32(1.12) - np.float32(0.55) * strength
    # Surfaces that turn away from the camera darken, which sets a limb off from what is behind it.
    edge = np.float32(0.72) + np.minimum(z * np.float32(-0.4), np.float32(0.28))
    for channel, tint in zip(color, (1 + warm, 1.0, 1 - warm), strict=True):
        channel *= (sky + direct * np.float32(tint)) * edge


def contact_shadow(pixels: Pixels, side: int) -> Floats:
    """Return factors (M,) that darken what lies behind something near in the picture."""
    row, column, depth = pixels.row, pixels.column, pixels.point[2]
    top, left = row.min(), column.min()
    shape = (row.max() - top + 1, column.max() - left + 1)
    buffer = np.full(shape, depth.max(), dtype=np.float32)
    place = (row - top) * shape[1] + (column - left)
    buffer.reshape(-1)[place] = depth
    reach = max(3, side // 24) | 1
    smooth = np.asarray(cv2.blur(buffer, (reach, reach)), dtype=np.float32).reshape(-1)
    factor: Floats = 1 - np.clip((depth - smooth[place]) * np.float32(5), 0, np.float32(0.42))
    return factor
