"""The skeleton in a COCO category."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from poseforge.formats.naming import skeleton_of_names
from poseforge.structures import SKELETONS, Skeleton, as_skeleton
from poseforge.structures.skeleton import Pair

# Where a category keeps what COCO has no field for: pairs, sigmas, torso, groups.
OWN_KEY = "poseforge"


def category_of(skeleton: Skeleton) -> dict[str, Any]:
    """Return the category of people with this skeleton; links count from 1."""
    return {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(skeleton.keypoints),
        "skeleton": [[a + 1, b + 1] for a, b in skeleton.link_indices],
        OWN_KEY: asdict(skeleton),
    }


def skeleton_of(categories: Sequence[Mapping[str, Any]], given: Skeleton | None) -> Skeleton:
    """Return the one skeleton of several categories.

    Args:
        categories: Those whose annotations have keypoints.
        given: The skeleton to use; the categories must not name other keypoints.

    Raises:
        ValueError: The categories name no keypoints and none are given, they name different ones,
            or their links do not fit.
    """
    named = [category for category in categories if category.get("keypoints")]
    if not named:
        if given is None:
            raise ValueError("no category names its keypoints; give the skeleton they belong to")
        return given
    first, *others = named
    names = _names(first)
    for other in others:
        if _names(other) != names:
            raise ValueError(
                f"the categories {first.get('name')!r} and {other.get('name')!r} have different "
                "keypoints; a file must have one skeleton, so split it by category"
            )
    if given is None:
        return _own(first, names) or skeleton_of_names(
            names, name=str(first.get("name", "person")), links=_links(first, names)
        )
    if given.keypoints != names:
        raise ValueError(
            f"category {first.get('name')!r} has the keypoints {', '.join(names)}, but skeleton "
            f"'{given.name}' has {', '.join(given.keypoints)}; names and order must be the same"
        )
    return given


def _names(category: Mapping[str, Any]) -> tuple[str, ...]:
    names = category["keypoints"]
    if not isinstance(names, list):
        raise ValueError(f"'keypoints' of a category is {names}, not a list of names")
    return tuple(str(name) for name in names)


def _own(category: Mapping[str, Any], names: tuple[str, ...]) -> Skeleton | None:
    if OWN_KEY not in category:
        return None
    try:
        skeleton = as_skeleton(category[OWN_KEY])
    except TypeError as error:
        raise ValueError(f"'{OWN_KEY}' of a category is not a skeleton ({error})") from error
    if skeleton.keypoints != names:
        raise ValueError(
            f"'keypoints' of category {category.get('name')!r} and those under its '{OWN_KEY}' "
            f"differ; change both, or remove '{OWN_KEY}'"
        )
    return SKELETONS[skeleton.name] if skeleton == SKELETONS.get(skeleton.name) else skeleton


def _links(category: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Pair, ...]:
    links = []
    listed = category.get("skeleton") or []
    for link in listed if isinstance(listed, list) else [listed]:
        ends = link if isinstance(link, list) else []
        if len(ends) != 2 or not all(type(end) is int and 1 <= end <= len(names) for end in ends):
            raise ValueError(
                f"category {category.get('name')!r} links the keypoints {link}; a link is two "
                f"numbers of 1 to {len(names)}, counted from 1"
            )
        links.append((names[link[0] - 1], names[link[1] - 1]))
    return tuple(links)
