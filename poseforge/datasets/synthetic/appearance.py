"""Appearance: skin, hair and clothes. Left and right are always dressed alike."""

from colorsys import hsv_to_rgb
from dataclasses import dataclass, replace

import numpy as np

from poseforge.datasets.synthetic.draws import Dice
from poseforge.datasets.synthetic.flesh import HAIRSTYLES, LOWER_GARMENTS, Build
from poseforge.structures.affine import Floats

PATTERNS = ("plain", "hoops", "stripes", "checks", "spots", "mottled", "block")
FRONTS = ("plain", "logo", "number", "zip", "vest")

# From dark to light, after the range of the Fitzpatrick scale; RGB.
_SKINS = np.array(
    [(66, 42, 30), (92, 60, 42), (128, 85, 60), (164, 115, 84), (196, 146, 112), (222, 175, 142),
     (236, 196, 166), (244, 208, 184)], dtype=np.float32)  # fmt: skip
_HAIRS = np.array(
    [(22, 18, 16), (38, 27, 20), (62, 40, 26), (96, 62, 36), (140, 98, 54), (190, 150, 92),
     (120, 56, 30), (140, 138, 134), (205, 202, 196)], dtype=np.float32)  # fmt: skip

_TROUSERS = np.array(
    [(52, 70, 104), (88, 110, 146), (34, 34, 40), (72, 70, 70), (170, 150, 118)], dtype=np.float32
)


@dataclass(frozen=True)
class Cloth:
    """A garment's stuff.

    Attributes:
        color: (3,) RGB.
        other: (3,) RGB of the pattern.
        pattern: One of PATTERNS.
        pitch: Length of the pattern's period, statures.
    """

    color: Floats
    other: Floats
    pattern: str
    pitch: float


@dataclass(frozen=True)
class Appearance:
    """How one person looks.

    Attributes:
        skin: (3,) RGB.
        hair: (3,) RGB.
        cap: (3,) RGB.
        upper: The upper garment.
        lower: The lower garment.
        shoe: (3,) RGB.
        sole: (3,) RGB.
        pack: (3,) RGB.
        sleeve: How far along the whole arm the sleeve goes, 0 to 2 (elbow 1, wrist 2).
        leg: How far along the whole leg the lower garment goes, 0 to 2.
        socks: How far up the shin socks go, 0 to 1.
        front: What is on the chest or the back, one of FRONTS.
        beard: How dense the beard is, 0 to 1.
        is_capped: Whether the hair is under a cap.
    """

    skin: Floats
    hair: Floats
    cap: Floats
    upper: Cloth
    lower: Cloth
    shoe: Floats
    sole: Floats
    pack: Floats
    sleeve: float
    leg: float
    socks: float
    front: str
    beard: float
    is_capped: bool


def sample_appearance(dice: Dice, build: Build, person: int) -> Appearance:
    """Draw the colours and the clothes of one person."""
    skin = _SKINS[dice.count(0, len(_SKINS))] * dice.between(0.94, 1.06)
    is_woman = bool(build.has_bust[person])
    garment = LOWER_GARMENTS[build.lower[person]]
    upper = _cloth(dice, 0.45)
    lower = _lower_cloth(dice, garment)
    if garment == "skirt" and dice.chance(0.5):
        lower = upper  # a dress
    leg = {
        "trousers": 1.93,
        "tights": dice.choose((1.45, 1.9)),
        "skirt": 0.02,
        "shorts": dice.between(0.45, 0.95),
    }[garment]
    return Appearance(
        skin=np.minimum(skin, 250),
        hair=_HAIRS[dice.count(0, len(_HAIRS))] * dice.between(0.8, 1.15),
        cap=_color(dice),
        upper=upper,
        lower=lower,
        shoe=_color(dice) if dice.chance(0.6) else _gray(dice.choose((28, 60, 225))),
        sole=_gray(dice.choose((40, 190, 235))),
        pack=_color(dice),
        sleeve=dice.choose((0.12, 0.45, 0.62, 1.5, 1.97), (14, 30, 18, 8, 30)),
        leg=leg,
        socks=dice.choose((0.0, 0.25, 0.8), (5, 3, 2)),
        front=dice.choose(FRONTS, (30, 25, 17, 16, 12)),
        beard=0.0 if is_woman or dice.chance(0.6) else dice.between(0.3, 0.9),
        is_capped=HAIRSTYLES[build.hair[person]] == "cap",
    )


def _gray(value: float) -> Floats:
    return np.full(3, value, dtype=np.float32)


def _color(dice: Dice) -> Floats:
    """Draw an RGB colour: most clothes are dull, a few bright."""
    saturation = dice.between(0, 0.35) if dice.chance(0.5) else dice.between(0.35, 0.85)
    rgb = hsv_to_rgb(dice.roll(), saturation, dice.between(0.16, 0.95))
    return np.array(rgb, dtype=np.float32) * 255


def _cloth(dice: Dice, plain: float) -> Cloth:
    pattern = "plain" if dice.chance(plain) else dice.choose(PATTERNS[1:])
    return Cloth(_color(dice), _color(dice), pattern, dice.between(0.025, 0.075))


def _lower_cloth(dice: Dice, garment: str) -> Cloth:
    """Draw trousers: denim, dark or beige ones, or any colour."""
    cloth = _cloth(dice, 0.72)
    if garment != "trousers" or dice.chance(0.3):
        return cloth
    pattern = "mottled" if dice.chance(0.3) else "plain"
    color = _TROUSERS[dice.count(0, len(_TROUSERS))] * dice.between(0.8, 1.2)
    return replace(cloth, color=color, other=color * dice.between(0.6, 1.2), pattern=pattern)
