"""CVAT's XML, "CVAT for images 1.1": https://docs.cvat.ai/docs/manual/advanced/xml_format/.

Coordinates are taken as CVAT's own COCO export gives them. CVAT measures from the corner of the
image, so that they may be half a pixel larger than those of tools that count pixels.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from poseforge.formats.annotations import Annotations
from poseforge.formats.cvat_labels import SkeletonLabel, skeleton_labels
from poseforge.formats.gathering import Box, Person, Point, gather, images_of, skeleton_of_labels
from poseforge.formats.reading import blaming, check_file
from poseforge.formats.safe_xml import parse_xml
from poseforge.structures import Skeleton

Element = ElementTree.Element
HIDDEN, SEEN = 1, 2


def read_cvat(
    source: Path, *, image_root: Path | None = None, skeleton: Skeleton | None = None
) -> Annotations:
    """Read people from a CVAT for images 1.1 file.

    A skeleton is a person. In a file without skeletons a shape of several points is a person, and
    shapes of one point, each with the keypoint's label, are people by their group; without a group
    they are one person an image. A box of the same group is the person's box. A point outside the
    frame is not labelled, an occluded one is hidden. Other shapes are left out.

    Args:
        source: The XML file.
        image_root: The folder that image names count from; None for `images` beside the file where
            there is one, else the file's folder.
        skeleton: What the keypoints are. Labels that are numbers, CVAT's default, are then its
            keypoints counted from 1. None for what the labels and the drawing in the file say.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, of another kind, or its people cannot be told apart.
    """
    source = Path(source)
    check_file(source)
    with blaming(source):
        document = parse_xml(source.read_bytes())
        if document.tag != "annotations" or document.find("track") is not None:
            raise ValueError(
                "it is not an export of CVAT for images; export the task as 'CVAT for images 1.1'"
            )
        frames = document.findall("image")
        people, label = _people(frames, skeleton_labels(document))
        labels = _labels_of(people)
        names = label.keypoints or tuple(labels)
        if not set(labels) <= set(names):
            raise ValueError(
                f"its skeletons have the points {', '.join(labels)}, but label '{label.name}' "
                f"{', '.join(names)}; export the task again"
            )
        if skeleton is not None and all(name.isdecimal() for name in names):
            names = _renamed(people, names, skeleton)
        used = skeleton_of_labels(names, skeleton, name=label.name, links=label.links)
        root = _image_root(source) if image_root is None else Path(image_root)
        files = [_text(frame, "name") for frame in frames]
        sizes = [(_side(frame, "width"), _side(frame, "height")) for frame in frames]
        return gather(used, images_of(files, [root / name for name in files], sizes), people)


def _image_root(source: Path) -> Path:
    folder = source.parent / "images"
    return folder if folder.is_dir() else source.parent


def _people(
    frames: Sequence[Element], labels: Sequence[SkeletonLabel]
) -> tuple[list[Person], SkeletonLabel]:
    kinds = {_text(shape, "label") for frame in frames for shape in frame.iter("skeleton")}
    if len(kinds) > 1:
        raise ValueError(
            f"it has skeletons of several labels, {', '.join(sorted(kinds))}; a file must have "
            "one, so export them one by one"
        )
    kind = next(iter(kinds), "person")
    label = next((label for label in labels if label.name == kind), SkeletonLabel(kind))
    people: list[Person] = []
    for number, frame in enumerate(frames):
        with blaming(f"image {frame.get('name')!r}"):
            people += _of_skeletons(number, frame) if kinds else _of_points(number, frame)
    if len({len(person.points) for person in people if "1" in person.points}) > 1 and not kinds:
        raise ValueError("its people have different numbers of points; each must have all of them")
    return people, label


def _of_skeletons(number: int, frame: Element) -> list[Person]:
    boxes = _boxes(frame)
    people = []
    for shape in frame.iter("skeleton"):
        person = Person(number, {}, boxes.get(shape.get("group_id", "")))
        for node in shape.iter("points"):
            for point in _points(node):
                person.add(_text(node, "label"), point)
        people.append(person)
    return people


def _of_points(number: int, frame: Element) -> list[Person]:
    boxes = _boxes(frame)
    people: list[Person] = []
    groups: dict[str, Person] = {}
    for shape in frame.iter("points"):
        points, group = _points(shape), shape.get("group_id", "")
        if len(points) > 1:
            named = {str(n): point for n, point in enumerate(points, start=1)}
            people.append(Person(number, named, boxes.get(group)))
            continue
        if group not in groups:
            groups[group] = Person(number, {}, boxes.get(group))
            people.append(groups[group])
        for point in points:
            groups[group].add(_text(shape, "label"), point)
    return people


def _points(shape: Element) -> list[Point]:
    if shape.get("outside") == "1":
        return []
    visible = HIDDEN if shape.get("occluded") == "1" else SEEN
    pairs = [pair.split(",") for pair in _text(shape, "points").split(";")]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"points={shape.get('points')!r} is not x,y or x,y;x,y;...")
    return [(_number(x), _number(y), visible) for x, y in pairs]


def _boxes(frame: Element) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for shape in frame.iter("box"):
        group = shape.get("group_id")
        if group is None:
            continue
        if group in boxes:
            raise ValueError(
                f"group {group} of image {frame.get('name')!r} has two boxes; a person has one"
            )
        x1, y1, x2, y2 = (_number(_text(shape, side)) for side in ("xtl", "ytl", "xbr", "ybr"))
        boxes[group] = x1, y1, x2, y2
    return boxes


def _renamed(people: Sequence[Person], names: Sequence[str], skeleton: Skeleton) -> tuple[str, ...]:
    """Call the points of people by the skeleton's names instead of by their numbers."""
    if not all(1 <= int(name) <= skeleton.num_keypoints for name in names):
        raise ValueError(
            f"its keypoints are numbered {', '.join(names)}, but skeleton '{skeleton.name}' has "
            f"{skeleton.num_keypoints}, counted from 1"
        )
    for person in people:
        person.points = {skeleton.keypoints[int(n) - 1]: at for n, at in person.points.items()}
    return tuple(skeleton.keypoints[int(name) - 1] for name in names)


def _labels_of(people: Sequence[Person]) -> list[str]:
    labels = list(dict.fromkeys(name for person in people for name in person.points))
    return sorted(labels, key=int) if all(name.isdecimal() for name in labels) else labels


def _text(element: Element, key: str) -> str:
    value = element.get(key)
    if value is None:
        raise ValueError(f"a <{element.tag}> has no {key}; export the task again")
    return value


def _side(frame: Element, key: str) -> int:
    return int(_number(frame.get(key, "0")))


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number; export the task again")
    return value
