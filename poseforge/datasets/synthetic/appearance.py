"""Appearance: skin, hair and clothes. Left and right are always dressed alike."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from poseforge.datasets.synthetic.flesh import HAIRSTYLES, LOWER_GARMENTS, Build
from poseforge.structures.affine import Floats

PATTERNS = ("plain", "hoops", "stripes", "checks", "spots", "mottled", "block")

# From dark to light, after the range of the Fitzpatrick scale; RGB.
_SKINS = np.array(
    [(66, 42, 30), (92, 60, 42), (128, 85, 60), (164, 115, 84), (196, 146, 112), (222, 175, 142),
     (236, 196, 166), (244, 208, 184)], dtype=np.float32)  # fmt: skip
_HAIRS = np.array(
    [(22, 18, 16), (38, 27, 20), (62, 40, 26), (96, 62, 36), (140, 98, 54), (190, 150, 92),
     (120, 56, 30), (140, 138, 134), (205, 202, 196)], dtype=np.float32)  # fmt: skip


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
        front: What is on the chest: "plain", "logo", "number", "zip" or "vest".
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


def sample_appearance(rng: np.random.Generator, build: Build, person: int) -> Appearance:
    """Draw the colours and the clothes of one person."""
    skin = _SKINS[rng.integers(len(_SKINS))] * rng.uniform(0.92, 1.06)
    is_woman = bool(build.has_bust[person])
    garment = LOWER_GARMENTS[build.lower[person]]
    upper = _cloth(rng, 0.45)
    lower = _lower_cloth(rng, garment)
    if garment == "skirt" and rng.random() < 0.6:
        lower = replace(upper, pitch=upper.pitch)  # a dress
    legs = {"trousers": 1.93, "tights": rng.choice([1.45, 1.9]), "skirt": 0.02}
    shade = _color(rng)
    return Appearance(
        skin=np.minimum(skin, 250),
        hair=_HAIRS[rng.integers(len(_HAIRS))] * rng.uniform(0.8, 1.15),
        cap=_color(rng),
        upper=upper,
        lower=lower,
        shoe=shade if rng.random() < 0.6 else np.full(3, rng.choice([25.0, 60.0, 225.0]), np.float32),
        sole=np.full(3, rng.choice([30.0, 190.0, 235.0]), np.float32),
        pack=_color(rng),
        sleeve=float(rng.choice([0.12, 0.45, 0.62, 1.5, 1.97], p=[0.14, 0.30, 0.18, 0.08, 0.30])),
        leg=float(legs.get(garment, rng.uniform(0.45, 0.95))),
        socks=float(rng.choice([0.0, 0.25, 0.8], p=[0.5, 0.3, 0.2])),
        front=str(rng.choice(["plain", "logo", "number", "zip", "vest"], p=[0.3, 0.25, 0.17, 0.16, 0.12])),
        beard=0.0 if is_woman or rng.random() < 0.6 else float(rng.uniform(0.3, 0.9)),
        is_capped=HAIRSTYLES[build.hair[person]] == "cap",
    )


def _color(rng: np.random.Generator) -> Floats:
    """Draw an RGB colour: most clothes are dull, a few bright."""
    hue, value = rng.integers(180), rng.uniform(35, 245)
    saturation = rng.uniform(0, 90) if rng.random() < 0.5 else rng.uniform(90, 225)
    pixel = np.array([[[hue, saturation, value]]], dtype=np.uint8)
    return cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0].astype(np.float32)


def _cloth(rng: np.random.Generator, plain: float) -> Cloth:
    rest = (1 - plain) / (len(PATTERNS) - 1)
    pattern = PATTERNS[rng.choice(len(PATTERNS), p=[plain] + [rest] * (len(PATTERNS) - 1))]
    return Cloth(_color(rng), _color(rng), pattern, float(rng.uniform(0.025, 0.075)))


def _lower_cloth(rng: np.random.Generator, garment: str) -> Cloth:
    """Draw trousers: denim, dark or beige ones, or any colour."""
    cloth = _cloth(rng, 0.72)
    if garment != "trousers" or rng.random() < 0.3:
        return cloth
    stuffs = np.array([(52, 70, 104), (88, 110, 146), (34, 34, 40), (72, 70, 70), (170, 150, 118)])
    color = stuffs[rng.integers(len(stuffs))].astype(np.float32) * rng.uniform(0.8, 1.2)
    return replace(cloth, color=color, pattern="mottled" if rng.random() < 0.4 else "plain")
