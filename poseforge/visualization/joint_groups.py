"""Joints as plots show them: in the skeleton's order, left and right of a pair together."""

from collections.abc import Iterable
from typing import NamedTuple

from poseforge.structures import Skeleton
from poseforge.visualization.figures import COOL, INK, WARM

LEFT, RIGHT, MIDDLE = WARM[0], COOL[0], INK

GAP = 0.35  # rows between groups


class JointGroup(NamedTuple):
    """One joint of the middle, or both sides of a pair.

    Attributes:
        title: What the joints have in common, such as "ankle".
        joints: Their names, left before right.
    """

    title: str
    joints: tuple[str, ...]


def joint_groups(skeleton: Skeleton, names: Iterable[str]) -> list[JointGroup]:
    """Group some joints of a skeleton, in the order in which it names them.

    A pair of which one side is missing is a group of one, and keeps its full name.
    """
    wanted = set(names)
    partners = {name: pair for pair in skeleton.pairs for name in pair}
    groups: dict[tuple[str, ...], JointGroup] = {}
    for name in skeleton.keypoints:
        joints = tuple(n for n in partners.get(name, (name,)) if n in wanted)
        if joints:
            groups.setdefault(joints, JointGroup(_title(joints), joints))
    return list(groups.values())


def joint_rows(skeleton: Skeleton, names: Iterable[str]) -> dict[str, float]:
    """Place joints on rows from 0 downwards, a row a joint, with a gap between groups."""
    rows: dict[str, float] = {}
    for number, group in enumerate(joint_groups(skeleton, names)):
        for name in group.joints:
            rows[name] = len(rows) + number * GAP
    return rows


def side_colour(skeleton: Skeleton, name: str) -> str:
    """Give a joint its side's colour: left warm, right cool, the middle dark."""
    sides = {LEFT: [a for a, _ in skeleton.pairs], RIGHT: [b for _, b in skeleton.pairs]}
    return next((colour for colour, names in sides.items() if name in names), MIDDLE)


def check_joints(skeleton: Skeleton, names: Iterable[str]) -> None:
    """Refuse joints that a skeleton does not have.

    Raises:
        ValueError: A name is no keypoint of the skeleton.
    """
    unknown = [name for name in names if name not in skeleton.keypoints]
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} are no keypoints of skeleton '{skeleton.name}'; "
            f"it has {', '.join(skeleton.keypoints)}"
        )


def readable(name: str) -> str:
    """Write a joint's name as words."""
    return name.replace("_", " ")


def _title(joints: tuple[str, ...]) -> str:
    if len(joints) == 1:
        return readable(joints[0])
    left, right = joints
    if left.startswith("left_") and left[5:] == right.removeprefix("right_"):
        return readable(left[5:])
    return f"{readable(left)} / {readable(right)}"
