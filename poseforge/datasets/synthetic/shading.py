"""Shading: the colour of every pixel of a person, from stuff, light and what is around it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.appearance import Appearance, Cloth
from poseforge.datasets.synthetic.flesh import PART_NAMES, PARTS, parts_named
from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.quadrics import PART_OF
from poseforge.datasets.synthetic.raster import Pixels
from poseforge.structures.affine import Floats

_SKIN, _HAIR, _CAP, _UPPER, _LOWER, _SHOE, _SOLE, _PACK, _SOCK = range(9)
# The stuff of a part before and beyond a border along it; the border depends on the clothes.
_STUFF = {
    "pelvis": _LOWER, "glute": _LOWER, "skirt": _LOWER, "thigh": _LOWER, "calf": _LOWER,
    "shin": _LOWER, "foot": _SHOE, "waist": _UPPER, "chest": _UPPER, "collar": _UPPER,
    "breast": _UPPER, "trapezius": _UPPER, "hem": _UPPER, "upper_arm": _UPPER, "forearm": _UPPER,
    "pack": _PACK, "hair": _HAIR, "tail": _HAIR, "bun": _HAIR, "brim": _CAP,
}  # fmt: skip


def _stuffs() -> NDArray[np.intp]:
    names = [name.removeprefix("left_").removeprefix("right_") for name in PART_NAMES]
    return np.array([_STUFF.get(name, _SKIN) for name in names])


_STUFF_OF = _stuffs()
_LENGTH = np.array([max(np.subtract(p.end, p.start).__abs__().max(), 1e-3) for p in PARTS.values()])
_CHEST, _HEAD = parts_named("chest", "waist", "hem", "breast"), parts_named("skull", "jaw", "nose")
_ON_CHEST, _ON_HEAD, _ON_HAIR = (
    np.isin(np.arange(len(PARTS)), rows) for rows in (_CHEST, _HEAD, parts_named("hair"))
)
_FOOT = np.isin(np.arange(len(PARTS)), parts_named("foot"))


def shade(
    pixels: Pixels, geometry: Geometry, person: int, looks: Appearance, rng: np.random.Generator
) -> Floats:
    """Return the colours (M, 3) float32 RGB of a person's pixels."""
    part = PART_OF[pixels.surface]
    point = pixels.ray * pixels.depth[:, None]
    normal = _normals(pixels, geometry, person, point)
    solids = geometry.solids
    table = np.concatenate([solids.to_part[person], solids.shift[person][..., None]], axis=-1)
    maps = table.astype(np.float32)[part]  # (M, 3, 4)
    local = (maps[..., :3] * point[:, None]).sum(axis=-1) + maps[..., 3]
    stuff = _stuff_of_pixels(part, local, looks)
    palette = np.stack(
        [looks.skin, looks.hair, looks.cap, looks.upper.color, looks.lower.color, looks.shoe,
         looks.sole, looks.pack, looks.sole]
    ).astype(np.float32)  # fmt: skip
    color = palette[stuff]
    for kind, cloth in ((_UPPER, looks.upper), (_LOWER, looks.lower)):
        _weave(color, np.flatnonzero(stuff == kind), part, local, cloth)
    _paint_front(color, part, geometry, person, point, looks, stuff)
    _paint_face(color, part, geometry, person, point, looks)
    return color * _light(normal, geometry, person, rng)


def _normals(pixels: Pixels, geometry: Geometry, person: int, point: Floats) -> Floats:
    """Return unit normals (M, 3): the gradients of the quadrics."""
    quadrics = geometry.quadrics
    matrix = quadrics.matrix[person].astype(np.float32)[pixels.surface]
    normal = (matrix * point[:, None]).sum(axis=-1)
    normal += quadrics.vector[person].astype(np.float32)[pixels.surface]
    length = np.sqrt((normal * normal).sum(axis=1, keepdims=True))
    unit: Floats = normal / np.maximum(length, 1e-9)
    return unit


def _stuff_of_pixels(part: NDArray[np.intp], local: Floats, looks: Appearance) -> NDArray[np.intp]:
    """Return what every pixel is made of: clothes end where their cut says."""
    ends = np.full(len(PARTS), np.inf, dtype=np.float32)
    beyond = np.full(len(PARTS), _SKIN)
    for name, start, length in (("upper_arm", 0.0, looks.sleeve), ("forearm", 1.0, looks.sleeve),
                                ("thigh", 0.0, looks.leg), ("calf", 1.0, looks.leg),
                                ("shin", 1.35, looks.leg)):  # fmt: skip
        rows = parts_named(name)
        share = 0.65 if name == "shin" else (0.35 if name == "calf" else 1.0)
        ends[rows] = (length - start) / share * _LENGTH[rows]
    if looks.leg < 1.9:
        shin = parts_named("shin")
        beyond[shin] = _SKIN
    stuff = _STUFF_OF[part]
    stuff = np.where(local[:, 1] > ends[part], beyond[part], stuff)
    if looks.socks and looks.leg < 1.6:
        shin = np.isin(part, parts_named("shin"))
        stuff[shin & (local[:, 1] > (1 - looks.socks) * 0.15)] = _SOCK
    stuff[_FOOT[part] & (local[:, 2] < -0.012)] = _SOLE
    if looks.is_capped:
        stuff[_ON_HAIR[part] & (local[:, 1] > 0.010)] = _CAP
    return stuff


def _weave(
    color: Floats, rows: NDArray[np.intp], part: NDArray[np.intp], local: Floats, cloth: Cloth
) -> None:
    """Draw a cloth's pattern on its pixels, in place."""
    if cloth.pattern == "plain" or not len(rows):
        return
    x, y, z = (local[rows] / cloth.pitch).T
    around = np.where(np.abs(x) > np.abs(z), z, x)
    if cloth.pattern == "hoops":
        amount = (y % 1 < 0.5).astype(np.float32)
    elif cloth.pattern == "stripes":
        amount = (around % 1 < 0.35).astype(np.float32)
    elif cloth.pattern == "checks":
        amount = ((y % 1 < 0.5) * 0.5 + (around % 1 < 0.5) * 0.5).astype(np.float32)
    elif cloth.pattern == "spots":
        amount = (((y % 1 - 0.5) ** 2 + (around % 1 - 0.5) ** 2) < 0.08).astype(np.float32)
    elif cloth.pattern == "mottled":
        amount = 0.3 + 0.3 * np.sin(5 * x + 3 * np.sin(4 * y)) * np.sin(6 * z + 2 * y)
    else:
        amount = (np.isin(part[rows], _SLEEVES)).astype(np.float32)
    color[rows] += amount[:, None] * (cloth.other - color[rows])


_SLEEVES = parts_named("upper_arm", "forearm", "calf", "shin")


def _in_bone(geometry: Geometry, person: int, bone: int, point: Floats) -> Floats:
    """Return points (M, 3) of the camera's frame in a bone's frame."""
    rotation = geometry.view.rotation[person] @ geometry.frames.rotation[person, bone]
    origin = geometry.frames.origin[person, bone]
    origin = geometry.view.to_camera(
        np.broadcast_to(origin, (len(geometry.lift), 1, 3))
    )[person, 0]
    return ((point - origin.astype(np.float32)) @ rotation.astype(np.float32)) / np.float32(
        geometry.frames.stretch[person, bone]
    )


def _paint_front(
    color: Floats,
    part: NDArray[np.intp],
    geometry: Geometry,
    person: int,
    point: Floats,
    looks: Appearance,
    stuff: NDArray[np.intp],
) -> None:
    """Draw what tells the chest from the back, in place."""
    rows = np.flatnonzero(_ON_CHEST[part] & (stuff == _UPPER))
    if not len(rows):
        return
    x, y, z = _in_bone(geometry, person, 2, point[rows]).T
    other = looks.upper.other
    if looks.front == "plain":
        mark = (z > 0) & (np.abs(x) < 0.028 - 0.35 * (0.165 - y)) & (y < 0.175)
        color[rows[mark]] = looks.skin
        return
    if looks.front == "zip":
        mark = (z > 0) & (np.abs(x) < 0.006)
    elif looks.front == "vest":
        mark = (z > 0) & (np.abs(x) < 0.030)
    elif looks.front == "logo":
        mark = (z > 0) & (np.abs(x) < 0.045) & (np.abs(y - 0.085) < 0.022)
    else:
        ring = np.abs(np.abs(x) - 0.03)
        mark = (z < 0) & (np.abs(y - 0.07) < 0.045) & (ring < 0.018) & (np.abs(ring - 0.009) > 0.003)
        mark |= (z > 0) & (np.abs(x - 0.03) < 0.012) & (np.abs(y - 0.10) < 0.014)
    color[rows[mark]] = other


def _paint_face(
    color: Floats,
    part: NDArray[np.intp],
    geometry: Geometry,
    person: int,
    point: Floats,
    looks: Appearance,
) -> None:
    """Draw eyes, brows, mouth and beard, in place."""
    rows = np.flatnonzero(_ON_HEAD[part])
    if not len(rows):
        return
    x, y, z = _in_bone(geometry, person, 4, point[rows]).T
    front, side = z > 0.02, np.abs(x)
    skin = color[rows]
    cheek = np.exp(-(((side - 0.026) / 0.014) ** 2) - ((y - 0.022) / 0.014) ** 2)[:, None]
    skin += cheek * np.array([14, -8, -6], dtype=np.float32)
    socket = np.exp(-(((side - 0.020) / 0.013) ** 2) - ((y - 0.049) / 0.011) ** 2) * front
    skin *= (1 - 0.28 * socket)[:, None]
    chin = front & (y < 0.016) & (looks.beard > 0)
    chin &= (y < 0.004) | (side > 0.020) | (y > 0.010)
    skin[chin] += looks.beard * (looks.hair - skin[chin])
    mouth = front & (((x / 0.0185) ** 2 + ((y - 0.006) / 0.0052) ** 2) < 1)
    skin[mouth] = skin[mouth] * np.array([0.80, 0.48, 0.48], dtype=np.float32)
    white = front & ((((side - 0.020) / 0.0095) ** 2 + ((y - 0.046) / 0.0055) ** 2) < 1)
    skin[white] = 215
    iris = front & ((((side - 0.020) / 0.0052) ** 2 + ((y - 0.046) / 0.0058) ** 2) < 1)
    skin[iris] = 30
    brow = front & (side > 0.007) & (side < 0.032) & (np.abs(y - 0.060 + 8 * (side - 0.02) ** 2) < 0.0035)
    skin[brow] = 0.75 * looks.hair + 0.25 * skin[brow]
    color[rows] = skin


def _light(
    normal: Floats, geometry: Geometry, person: int, rng: np.random.Generator
) -> Floats:
    """Return the factors (M, 3) that a sun and a sky multiply colours with."""
    up = geometry.view.rotation[person, :, 1].astype(np.float32)
    sun = np.array([rng.uniform(-1, 1), 0, rng.uniform(-1.0, 0.35)], dtype=np.float32)
    sun = sun / (np.linalg.norm(sun) + 1e-6) * rng.uniform(0.4, 1.1) + up
    sun /= np.linalg.norm(sun)
    strength = rng.uniform(0.35, 0.85)
    ambient = 1.0 - 0.62 * strength
    warm = rng.uniform(-0.06, 0.10)
    direct = np.maximum(normal @ sun + 0.18, 0) / 1.18
    sky = 0.78 + 0.22 * (normal @ up)
    edge = 0.72 + 0.28 * np.minimum(-normal[:, 2] * 1.4, 1)
    tint = np.array([1 + warm, 1.0, 1 - warm], dtype=np.float32)
    factor: Floats = (ambient * sky * edge)[:, None] + (strength * direct * edge)[:, None] * tint
    return factor


def contact_shadow(pixels: Pixels, side: int) -> Floats:
    """Return factors (M,) that darken what lies behind something near in the picture."""
    low = np.array([pixels.row.min(), pixels.column.min()])
    high = np.array([pixels.row.max(), pixels.column.max()])
    height, width = high - low + 1
    buffer = np.full((height, width), float(pixels.depth.max()), dtype=np.float32)
    place = (pixels.row - low[0], pixels.column - low[1])
    buffer[place] = pixels.depth
    reach = max(3, side // 24) | 1
    smooth = cv2.blur(buffer, (reach, reach))
    behind = pixels.depth - smooth[place]
    factor: Floats = 1 - np.clip(behind * 5.0, 0, 0.42)
    return factor
