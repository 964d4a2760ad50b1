"""A COCO keypoint file as it was written, for rules that must see what a reader would mend."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.material import Declared, Material
from poseforge.formats.coco_category import OWN_KEY, skeleton_of
from poseforge.formats.reading import blaming, read_json
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """An annotation file.

    Attributes:
        content: What the JSON file holds.
        rows: (N,) which of `content["annotations"]` is each person.
        material: The people.
    """

    content: dict[str, Any]
    rows: NDArray[np.int64]
    material: Material


def read_document(path: Path, image_root: Path | None = None) -> Document:
    """Read a COCO keypoint file without refusing what rules are there to find.

    Args:
        path: The JSON file.
        image_root: The folder that file names count from; None for the file's own.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not whole JSON, or no COCO keypoint file at all.
    """
    content = read_json(path)
    with blaming(path):
        images, annotations, categories = (
            _part(content, name) for name in ("images", "annotations", "categories")
        )
        category = _category(categories, annotations)
        kinds = [row.get("category_id", category.get("id")) for row in annotations]
        rows = np.flatnonzero([kind == category.get("id") for kind in kinds])
        people = [annotations[row] for row in rows]
        material = _material(path.stem, category, images, people, image_root or path.parent)
    return Document(content, rows, material)


def _part(content: Any, name: str) -> list[dict[str, Any]]:
    part = content.get(name) if isinstance(content, dict) else None
    if not isinstance(part, list) or not all(isinstance(row, dict) for row in part):
        raise ValueError(
            f"it has no list of {name}, so it is no COCO annotation file; give one with images, "
            "annotations and categories"
        )
    return part


def _category(categories: Sequence[Row], annotations: Sequence[Row]) -> Row:
    """Return the one category with keypoints."""
    used = {row.get("category_id") for row in annotations if row.get("keypoints")}
    having = [row for row in categories if row.get("keypoints") or row.get("id") in used]
    if len(having) != 1:
        names = ", ".join(str(row.get("name")) for row in having) or "none"
        raise ValueError(
            f"exactly one category must have keypoints, here it is {names}; write each such "
            "category into a file of its own"
        )
    return having[0]


def _skeleton(category: Row, people: Sequence[Row]) -> Skeleton:
    """Return the category's skeleton without the links and pairs that a rule will object to."""
    names = [str(name) for name in category.get("keypoints") or ()]
    if not names:
        lengths = Counter(len(row.get("keypoints") or ()) // 3 for row in people)
        names = [f"point_{n + 1}" for n in range(max(lengths, key=lambda n: (lengths[n], n)))]
    links = [link for link in category.get("skeleton") or () if sound_link(link, len(names))]
    sound = {"name": category.get("name", "person"), "keypoints": names, "skeleton": links}
    try:
        return skeleton_of([{**category, **sound}], None)
    except ValueError:
        return skeleton_of([sound], None)


def sound_link(link: Any, num_keypoints: int) -> bool:
    """Say whether a link is two different numbers of 1 to K."""
    ends = list(link) if isinstance(link, list | tuple) else []
    fits = all(type(end) is int and 1 <= end <= num_keypoints for end in ends)
    return len(ends) == 2 and fits and ends[0] != ends[1]


def _material(
    name: str, category: Row, images: Sequence[Row], people: Sequence[Row], root: Path
) -> Material:
    skeleton = _skeleton(category, people)
    points = _rows_of_numbers(people, "keypoints", 3 * skeleton.num_keypoints, lacking=0)
    points = points.reshape(-1, skeleton.num_keypoints, 3)
    corners = _rows_of_numbers(people, "bbox", 4, lacking=np.nan)
    boxes = np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:]], axis=1)
    given = np.array([bool(row.get("bbox")) for row in people], dtype=np.bool_)
    boxes = np.where(np.isnan(boxes).any(axis=1)[:, None], np.inf, boxes)
    image_ids = [str(row.get("id", f"#{n}")) for n, row in enumerate(images)]
    row_of = {image: row for row, image in reversed(list(enumerate(image_ids)))}
    files = [str(row.get("file_name", "")) for row in images]
    sizes = [[row.get("width"), row.get("height")] for row in images]
    return Material(
        name=name,
        role="",
        skeleton=skeleton,
        keypoints=points[..., :2],
        flags=points[..., 2],
        boxes=np.where(given[:, None], boxes, np.nan),
        ids=np.array([str(row.get("id", f"#{n}")) for n, row in enumerate(people)], dtype=np.str_),
        image_of=np.array([row_of.get(str(r.get("image_id")), -1) for r in people], dtype=np.int64),
        crowd=np.array([bool(row.get("iscrowd")) for row in people], dtype=np.bool_),
        image_ids=np.array(image_ids, dtype=np.str_),
        image_names=np.array(
            [file or image for file, image in zip(files, image_ids, strict=True)], dtype=np.str_
        ),
        image_paths=np.array([os.path.normpath(root / file) for file in files], dtype=np.str_),
        stated_sizes=np.nan_to_num(np.array([_numbers(s) for s in sizes]).reshape(-1, 2)).astype(
            np.int64
        ),
        counts=np.array([_numbers([row.get("num_keypoints")])[0] for row in people]),
        num_values=np.array([_length(row, 3 * skeleton.num_keypoints) for row in people]),
        declared=_declared(category),
    )


def _declared(category: Row) -> Declared:
    own = category.get(OWN_KEY)
    pairs = own.get("pairs") if isinstance(own, dict) else None
    links = category.get("skeleton") or ()
    return Declared(
        links=tuple(tuple(link) if isinstance(link, list) else (link,) for link in links),
        pairs=tuple(tuple(str(name) for name in pair) for pair in pairs or ()),
        flip_order=tuple(category.get("flip_idx") or ()),
    )


def _length(row: Row, expected: int) -> int:
    """Return how many numbers a person's keypoints are; somebody without any lacks none."""
    values = row.get("keypoints") or ()
    return len(values) if isinstance(values, list) and values else expected


def _rows_of_numbers(rows: Sequence[Row], key: str, width: int, *, lacking: float) -> Floats:
    """Return (N, width) numbers; `lacking` where a row has another number of them."""
    table = np.full((len(rows), width), lacking, dtype=np.float64)
    for number, row in enumerate(rows):
        values = row.get(key)
        if isinstance(values, list) and len(values) == width:
            table[number] = _numbers(values)
    return table


def _numbers(values: Sequence[Any]) -> Floats:
    """Return finite numbers; NaN for all else."""
    sound = [
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
        for value in values
    ]
    numbers = np.array(sound, dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)
