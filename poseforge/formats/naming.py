"""Skeletons made from the names of their keypoints."""

import re
from collections.abc import Sequence

from poseforge.structures import SKELETONS, Skeleton
from poseforge.structures.skeleton import Pair

# Words of snake_case, camelCase and spaced names; a lone capital is a word: "LEye" is "L", "Eye".
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def pairs_of_names(names: Sequence[str]) -> tuple[Pair, ...]:
    """Return the (left, right) pairs of keypoints that differ in the side they name only.

    "left" and "right" count anywhere in a word ("left_eye", "EyeLeft", "leftear"), "l" and "r" as
    words of their own ("L_Eye", "eye.l", "LEye"); capitals do not matter.
    """
    by_words = {_words(name): name for name in names}
    pairs = []
    for words, name in by_words.items():
        right = by_words.get(tuple(_mirrored(word) for word in words))
        if right is not None and right != name:
            pairs.append((name, right))
    return tuple(pairs)


def skeleton_of_names(
    names: Sequence[str],
    *,
    name: str,
    pairs: tuple[Pair, ...] | None = None,
    links: tuple[Pair, ...] = (),
) -> Skeleton:
    """Return the known skeleton with these keypoints in this order, or a new one.

    Args:
        names: The keypoints.
        name: What a new skeleton is called.
        pairs: Its pairs where a file tells them; None for those that the names tell.
        links: Its links.

    Raises:
        ValueError: A name stands twice.
    """
    for known in SKELETONS.values():
        if known.keypoints == tuple(names) and (pairs is None or _mirror_alike(pairs, known)):
            return known
    pairs = pairs_of_names(names) if pairs is None else pairs
    return Skeleton(name=name, keypoints=tuple(names), pairs=pairs, links=links)


def _mirror_alike(pairs: tuple[Pair, ...], known: Skeleton) -> bool:
    return {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in known.pairs}


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in WORD.findall(name))


def _mirrored(left: str) -> str:
    return "r" if left == "l" else left.replace("left", "right")
