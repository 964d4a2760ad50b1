"""Rules about what a file says of its keypoints: PF401 … PF403."""

import re
from collections.abc import Iterator

from poseforge.datasets.lint.coco_document import sound_link
from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.formats.naming import pairs_of_names

SIDE = re.compile(r"left|right|(?<![a-z])[lr](?![a-z])", re.IGNORECASE)


def no_involution(material: Material) -> Iterator[Fault]:
    """Find pairs and flip orders that are not undone by mirroring twice."""
    order = material.declared.flip_order
    numbers = range(material.skeleton.num_keypoints)
    if order and (len(order) != len(numbers) or not all(type(n) is int for n in order)):
        yield Fault(f"flip_idx has {len(order)} entries for {len(numbers)} keypoints")
        return
    for number in numbers if order else ():
        target = order[number]
        if target not in numbers or order[int(str(target))] != number:
            name = material.skeleton.keypoints[number]
            yield Fault(f"flip_idx takes {number} to {target}, but not back", joint=name)
    used: set[str] = set()
    for pair in material.declared.pairs:
        if len(set(pair)) != 2 or used & set(pair):
            text = " and ".join(pair)
            yield Fault(f"the pair {text} repeats a keypoint, so a mirror is not its own inverse")
        used |= set(pair)


def not_paired(material: Material) -> Iterator[Fault]:
    """Find keypoints with a side in their name that a mirror would not exchange."""
    skeleton = material.skeleton
    paired = {frozenset(pair) for pair in skeleton.pairs}
    by_name = {name for pair in pairs_of_names(skeleton.keypoints) for name in pair}
    for left, right in pairs_of_names(skeleton.keypoints):
        if frozenset((left, right)) not in paired:
            yield Fault(f"{left} and {right} are not a pair", joint=left)
    for name in skeleton.keypoints:
        if SIDE.search(name) and name not in by_name and not any(name in pair for pair in paired):
            yield Fault(f"{name} has no counterpart on the other side", joint=name)


def strange_link(material: Material) -> Iterator[Fault]:
    """Find links that are not two different keypoints."""
    num_keypoints = material.skeleton.num_keypoints
    for link in material.declared.links:
        if not sound_link(link, num_keypoints):
            yield Fault(
                f"the link {list(link)} is not two different numbers of 1 to {num_keypoints}"
            )
