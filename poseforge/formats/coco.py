"""COCO keypoint files: https://cocodataset.org/#format-data.

A box is written as x, y, width, height and becomes x, y, x + width, y + height, as pycocotools
has it. COCO measures boxes between the edges of pixels and counts keypoints in whole pixels, so
that these boxes lie half a pixel right of and below the pixels they hold; a box chooses what is
looked at and nothing is measured by it to that precision.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.annotations import Annotations, Images
from poseforge.formats.coco_category import skeleton_of
from poseforge.formats.reading import blaming, check_unique, read_json
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points

Row = Mapping[str, Any]
Rows = Sequence[Row]

NOT_NUMBERS = (TypeError, ValueError, OverflowError)
# Marks an area that is the box's, because the person's own is not known.
AREA_FROM_BOX = "area_from_box"


def read_coco(
    path: Path, *, image_root: Path | None = None, skeleton: Skeleton | None = None
) -> Annotations:
    """Read a COCO keypoint file.

    People are called by their annotation's id. Those of categories without keypoints are left
    out; an annotation without `keypoints` is a person with no labelled keypoint, and one without
    `bbox` gets the box of its keypoints.

    Args:
        path: The JSON file.
        image_root: The folder that file names count from; None for the file's own.
        skeleton: What the keypoints are; None for what the category says. Its left and right are
            then read from the names, unless it is a known skeleton or one that `write_coco` wrote.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, has no keypoints, or contradicts itself.
    """
    path = Path(path)
    document = read_json(path)
    with blaming(path):
        parts = _parts(document)
        images = _images(parts["images"], path.parent if image_root is None else Path(image_root))
        categories = _keypoint_categories(parts["categories"], parts["annotations"])
        skeleton = skeleton_of(categories, skeleton)
        ids = {str(category["id"]) for category in categories}
        rows = [row for row in parts["annotations"] if str(row.get("category_id")) in ids]
        return Annotations(skeleton, images, _people(rows, images, skeleton.num_keypoints))


def _parts(document: Any) -> dict[str, Rows]:
    parts: dict[str, Rows] = {}
    for name in ("images", "annotations", "categories"):
        part = document.get(name) if isinstance(document, dict) else None
        if not isinstance(part, list) or not all(isinstance(row, dict) for row in part):
            raise ValueError(
                f"it is not a COCO annotation file: it has no list of {name}; it needs images, "
                "annotations and categories"
            )
        parts[name] = part
    return parts


def _keypoint_categories(categories: Rows, annotations: Rows) -> Rows:
    """Return the categories that name keypoints; where none does, those that have some."""
    _names(categories, "id", "category")
    named = [category for category in categories if category.get("keypoints")]
    if named:
        return named
    used = {str(row.get("category_id")) for row in annotations if row.get("keypoints")}
    if not used:
        raise ValueError(
            "no category names keypoints and no annotation has any; give a keypoint file, such as "
            "person_keypoints_val2017.json"
        )
    return [category for category in categories if str(category["id"]) in used]


def _images(rows: Rows, root: Path) -> Images:
    ids = _unique(rows, "image")
    names = _names(rows, "file_name", "image")
    paths = [os.path.normpath(os.path.join(root, name)) for name in names]
    sizes = [(row.get("width") or 0, row.get("height") or 0) for row in rows]
    if not all(type(side) is int and side >= 0 for size in sizes for side in size):
        raise ValueError("the width or height of an image is not a whole number of pixels")
    return Images(
        np.array(ids, dtype=np.str_),
        np.array(paths, dtype=np.str_),
        np.array(sizes, dtype=np.int64).reshape(-1, 2),
    )


def _people(rows: Rows, images: Images, num_keypoints: int) -> People:
    ids = _unique(rows, "annotation")
    index = {image: number for number, image in enumerate(images.ids.tolist())}
    image_ids = _names(rows, "image_id", "annotation")
    for name, image in zip(ids, image_ids, strict=True):
        if image not in index:
            raise ValueError(f"annotation {name} is of image {image}, which is not in the images")
    of_image = np.array([index[image] for image in image_ids], dtype=np.int64)
    points = _numbers(rows, "keypoints", 3 * num_keypoints).reshape(-1, num_keypoints, 3)
    visible = points[..., 2]
    keypoints = np.where(visible[..., None] > 0, points[..., :2], 0).astype(np.float32)
    return People(
        image_paths=images.paths[of_image],
        keypoints=keypoints,
        visible=visible.astype(np.float32),
        boxes=_boxes(rows, keypoints, visible),
        ids=np.array(ids, dtype=np.str_),
        image_ids=images.ids[of_image],
        areas=_areas(rows),
        crowd=np.array([bool(row.get("iscrowd")) for row in rows], dtype=np.bool_),
    )


def _boxes(rows: Rows, keypoints: Floats, visible: Floats) -> Floats:
    sizes = _numbers(rows, "bbox", 4)
    negative = (sizes[:, 2:] < 0).any(axis=1)
    if negative.any():
        row = rows[int(np.argmax(negative))]
        raise ValueError(
            f"annotation {row['id']} has a 'bbox' with a negative side, {row['bbox']}; it is x, y, "
            "width, height"
        )
    given = np.array([bool(row.get("bbox")) for row in rows], dtype=np.bool_)
    corners = np.concatenate([sizes[:, :2], sizes[:, :2] + sizes[:, 2:]], axis=1)
    return np.where(given[:, None], corners, box_of_points(keypoints, visible)).astype(np.float32)


def _areas(rows: Rows) -> Floats:
    """Return (N,) areas; NaN where absent, or only made up from the box; empty if all are."""
    known = [None if row.get(AREA_FROM_BOX) else row.get("area") for row in rows]
    values = [[np.nan if area is None else area] for area in known]
    areas = _table(rows, "area", values, 1)[:, 0]
    _check(rows, "area", np.isinf(areas))
    return areas.astype(np.float32) if np.isfinite(areas).any() else np.empty(0)


def _numbers(rows: Rows, key: str, width: int) -> Floats:
    """Return (N, width) finite numbers; 0 where a row has none."""
    absent = [0] * width
    values = [row.get(key) or absent for row in rows]
    for row, value in zip(rows, values, strict=True):
        if not isinstance(value, list) or len(value) != width:
            length = f"{len(value)} numbers" if isinstance(value, list) else "no list"
            raise ValueError(f"annotation {row['id']} has {length} in '{key}'; it needs {width}")
    table = _table(rows, key, values, width)
    _check(rows, key, ~np.isfinite(table))
    return table


def _table(rows: Rows, key: str, values: list[Any], width: int) -> Floats:
    try:
        with np.errstate(over="ignore"):
            exact: Floats = np.array(values, dtype=np.float64).reshape(len(rows), width)
            exact[np.isinf(exact.astype(np.float32))] = np.inf
            return exact
    except NOT_NUMBERS:
        for row, value in zip(rows, values, strict=True):
            try:
                np.array(value, dtype=np.float64)
            except NOT_NUMBERS as error:
                raise ValueError(
                    f"annotation {row['id']} has a '{key}' that is not of numbers: {row[key]}"
                ) from error
        raise


def _check(rows: Rows, key: str, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        row = rows[np.argwhere(bad)[0, 0]]
        raise ValueError(f"annotation {row['id']} has a '{key}' that is not finite: {row[key]}")


def _unique(rows: Rows, what: str) -> list[str]:
    ids = _names(rows, "id", what)
    check_unique(ids, what)
    return ids


def _names(rows: Rows, key: str, what: str) -> list[str]:
    for number, row in enumerate(rows):
        if row.get(key) is None:
            raise ValueError(f"{what} number {number + 1} has no '{key}'; each needs one")
    return [str(row[key]) for row in rows]
