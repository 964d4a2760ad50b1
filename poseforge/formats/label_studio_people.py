"""The people of a Label Studio task: which keypoint belongs to whom."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from poseforge.formats.gathering import Box, Person, Point

Region = Mapping[str, Any]
SEEN = 2


def people_of_task(image: int, regions: Sequence[Region]) -> list[Person]:
    """Return the people of one annotation.

    Args:
        image: The image's row.
        regions: The annotation's `result`.

    Raises:
        ValueError: A region is damaged, or a keypoint's person cannot be told.
    """
    group_of = _groups(regions)
    boxed: dict[str, Person] = {}
    for region in regions:
        if region.get("type") == "rectanglelabels":
            group = group_of[_id(region, "id")]
            if group in boxed:
                raise ValueError("two rectangles are related to each other; a person has one")
            boxed[group] = Person(image, {}, _box(region))
    groups = list(group_of.values())
    people = dict(boxed)
    for region in regions:
        if region.get("type") == "keypointlabels":
            point, name = _point(region), _label(region)
            group = group_of[_id(region, "id")]
            alone = groups.count(group) == 1
            if alone and group not in boxed:
                group = _holder(name, point, boxed)
            people.setdefault(group, Person(image, {})).add(name, point)
    if "" in people and len(people) > 1 and not boxed:
        raise ValueError(
            "some keypoints are related to others and some are not; relate all, or none where "
            "there is one person"
        )
    return list(people.values())


def image_size(regions: Sequence[Region]) -> tuple[int, int]:
    """Return the image's width and height; 0 where no region tells."""
    for region in regions:
        width, height = region.get("original_width"), region.get("original_height")
        if isinstance(width, int) and isinstance(height, int):
            return width, height
    return 0, 0


def _groups(regions: Sequence[Region]) -> dict[str, str]:
    """Return the group of each region: those that `parentID` and relations join."""
    joined: dict[str, str] = {}

    def root(name: str) -> str:
        while joined.setdefault(name, name) != name:
            name = joined[name]
        return name

    for region in regions:
        if region.get("type") == "relation":
            joined[root(_id(region, "from_id"))] = root(_id(region, "to_id"))
            continue
        own = root(_id(region, "id"))
        if region.get("parentID"):
            joined[own] = root(region["parentID"])
    return {name: root(name) for name in list(joined)}


def _holder(name: str, point: Point, boxed: Mapping[str, Person]) -> str:
    """Return the group of the rectangle that holds a point; "" where there is no rectangle."""
    if len(boxed) < 2:
        return next(iter(boxed), "")
    holders = [group for group, person in boxed.items() if _holds(person.box, point)]
    if len(holders) != 1:
        raise ValueError(
            f"keypoint {name!r} lies in {len(holders)} of {len(boxed)} rectangles; relate it to "
            "the one it belongs to"
        )
    return holders[0]


def _holds(box: Box | None, point: Point) -> bool:
    return box is not None and box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _point(region: Region) -> Point:
    x, y = _pixels(region, "x", "y")
    return x, y, SEEN


def _box(region: Region) -> Box:
    x, y = _pixels(region, "x", "y")
    width, height = _pixels(region, "width", "height")
    if region["value"].get("rotation"):
        raise ValueError("a rectangle is rotated; a person's box must stand upright")
    return x, y, x + width, y + height


def _pixels(region: Region, across: str, down: str) -> tuple[float, float]:
    if region.get("image_rotation"):
        raise ValueError("the image was rotated while labelling; turn it back and export again")
    try:
        x = region["value"][across] / 100 * region["original_width"]
        y = region["value"][down] / 100 * region["original_height"]
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"a region lacks a number ({error}); it needs value, original_width and "
            "original_height, so export the project as 'JSON'"
        ) from error
    if not np.isfinite([x, y]).all():
        raise ValueError("a region's coordinate is not finite; remove the region")
    return x, y


def _label(region: Region) -> str:
    labels = region["value"].get("keypointlabels")
    if not isinstance(labels, list) or len(labels) != 1:
        raise ValueError(f"a keypoint has the labels {labels}; it needs one")
    return str(labels[0])


def _id(region: Region, key: str) -> str:
    if not region.get(key):
        raise ValueError(f"a region has no {key}; export the project as 'JSON'")
    return str(region[key])
