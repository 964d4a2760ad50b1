"""The skeletons of the public data sets, in the data sets' own order.

Sigmas are COCO's (Ronchi and Perona, ICCV 2017) where a joint has a counterpart there, and
CrowdPose's 0.079 for neck and head top.
"""

from collections.abc import Mapping
from typing import Any

from poseforge.structures.skeleton import Limb, Pair, Skeleton

SIGMA = {
    "nose": 0.026, "eye": 0.025, "ear": 0.035, "shoulder": 0.079, "elbow": 0.072, "wrist": 0.062,
    "hip": 0.107, "knee": 0.087, "ankle": 0.089, "neck": 0.079, "head_top": 0.079,
    "pelvis": 0.107, "thorax": 0.079,
}  # fmt: skip


def _sides(*joints: str) -> tuple[Pair, ...]:
    return tuple((f"left_{joint}", f"right_{joint}") for joint in joints)


def _sigmas(keypoints: tuple[str, ...]) -> tuple[float, ...]:
    joints = [name.removeprefix("left_").removeprefix("right_") for name in keypoints]
    return tuple(SIGMA[joint] for joint in joints) if SIGMA.keys() >= set(joints) else ()


def _both(joint: str) -> tuple[str, str]:
    return f"left_{joint}", f"right_{joint}"


_LIMBS: tuple[Pair, ...] = (
    ("right_ankle", "right_knee"), ("right_knee", "right_hip"),
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("right_wrist", "right_elbow"), ("right_elbow", "right_shoulder"),
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
)  # fmt: skip
_BODY_LIMBS: dict[str, tuple[Limb, ...]] = {
    "Torso": ((_both("hip"), _both("shoulder")),),
    "Upper leg": (("right_hip", "right_knee"), ("left_hip", "left_knee")),
    "Lower leg": (("right_knee", "right_ankle"), ("left_knee", "left_ankle")),
    "Upper arm": (("right_shoulder", "right_elbow"), ("left_shoulder", "left_elbow")),
    "Lower arm": (("right_elbow", "right_wrist"), ("left_elbow", "left_wrist")),
}
_HEAD_LIMB: dict[str, tuple[Limb, ...]] = {"Head": (("neck", "head_top"),)}
_BODY = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_GROUPS = {joint.capitalize(): _both(joint) for joint in _BODY}
_ARMS = tuple(name for joint in ("shoulder", "elbow", "wrist") for name in _both(joint))

_LSP_NAMES = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
    "neck", "head_top",
)  # fmt: skip

LSP14 = Skeleton(
    name="lsp14",
    keypoints=_LSP_NAMES,
    pairs=_sides(*_BODY),
    links=(
        *_LIMBS,
        ("neck", "head_top"),
        ("neck", "right_shoulder"),
        ("neck", "left_shoulder"),
        ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_hip"),
        ("right_hip", "left_hip"),
    ),
    sigmas=_sigmas(_LSP_NAMES),
    torso=("left_shoulder", "right_hip"),
    head=("neck", "head_top"),
    upper_body=(*_ARMS, "neck", "head_top"),
    groups={"Head": ("neck", "head_top"), **_GROUPS},
    limbs={**_BODY_LIMBS, **_HEAD_LIMB},
)

_MPII_NAMES = (
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis",
    "thorax", "neck", "head_top", "right_wrist", "right_elbow", "right_shoulder", "left_shoulder",
    "left_elbow", "left_wrist",
)  # fmt: skip

MPII16 = Skeleton(
    name="mpii16",
    keypoints=_MPII_NAMES,
    pairs=_sides(*_BODY),
    links=(
        *_LIMBS,
        ("neck", "head_top"),
        ("thorax", "neck"),
        ("pelvis", "thorax"),
        ("thorax", "right_shoulder"),
        ("thorax", "left_shoulder"),
        ("pelvis", "right_hip"),
        ("pelvis", "left_hip"),
    ),
    sigmas=_sigmas(_MPII_NAMES),
    torso=("left_shoulder", "right_hip"),
    head=("neck", "head_top"),
    upper_body=(*_ARMS, "thorax", "neck", "head_top"),
    groups={"Head": ("neck", "head_top"), **_GROUPS},
    limbs={**_BODY_LIMBS, **_HEAD_LIMB},
)

_COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
_FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")

COCO17 = Skeleton(
    name="coco17",
    keypoints=_COCO_NAMES,
    pairs=_sides("eye", "ear", *_BODY),
    links=(
        *_LIMBS,
        ("left_hip", "right_hip"),
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_eye", "right_eye"),
        ("nose", "left_eye"),
        ("nose", "right_eye"),
        ("left_eye", "left_ear"),
        ("right_eye", "right_ear"),
        ("left_ear", "left_shoulder"),
        ("right_ear", "right_shoulder"),
    ),
    sigmas=_sigmas(_COCO_NAMES),
    torso=("left_shoulder", "right_hip"),
    upper_body=(*_FACE, *_ARMS),
    groups={"Head": _FACE, **_GROUPS},
    limbs=_BODY_LIMBS,
)

_FLIC_ARMS = (
    "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip
_FLIC_LINKS: tuple[Pair, ...] = (
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
    ("left_shoulder", "right_shoulder"), ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"), ("left_hip", "right_hip"),
)  # fmt: skip


def _flic(name: str, head: tuple[str, ...], pairs: tuple[str, ...]) -> Skeleton:
    keypoints = (*_FLIC_ARMS, "left_hip", "right_hip", *head)
    return Skeleton(
        name=name,
        keypoints=keypoints,
        pairs=_sides("shoulder", "elbow", "wrist", "hip", *pairs),
        links=_FLIC_LINKS,
        sigmas=_sigmas(keypoints),
        torso=("left_shoulder", "right_hip"),
        upper_body=(*_FLIC_ARMS, *head),
        groups={
            "Head": head,
            **{joint.capitalize(): _both(joint) for joint in ("shoulder", "elbow", "wrist", "hip")},
        },
        limbs={title: _BODY_LIMBS[title] for title in ("Torso", "Upper arm", "Lower arm")},
    )


FLIC11 = _flic("flic11", ("left_eye", "right_eye", "nose"), ("eye",))
FLIC10 = _flic("flic10", ("left_eye", "right_eye"), ("eye",))
FLIC9 = _flic("flic9", ("head",), ())  # the published predictions have one point for the head

SKELETONS: dict[str, Skeleton] = {s.name: s for s in (LSP14, MPII16, COCO17, FLIC11, FLIC10, FLIC9)}


def as_skeleton(skeleton: str | Mapping[str, Any] | Skeleton) -> Skeleton:
    """Return the skeleton that a config means: a known name, or the fields of one's own.

    Raises:
        ValueError: The name is not known, or the fields do not make a skeleton.
    """
    if isinstance(skeleton, Skeleton):
        return skeleton
    if isinstance(skeleton, Mapping):
        return Skeleton(**{key: _frozen(value) for key, value in skeleton.items()})
    if skeleton not in SKELETONS:
        raise ValueError(
            f"skeleton='{skeleton}' is not known; choose one of {', '.join(SKELETONS)}, or give "
            "a dict with name, keypoints, pairs and links"
        )
    return SKELETONS[skeleton]


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    return value
