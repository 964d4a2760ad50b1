"""Writing COCO keypoint files."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.files import write_text
from poseforge.formats.annotations import Annotations
from poseforge.formats.coco import AREA_FROM_BOX
from poseforge.formats.coco_category import category_of
from poseforge.structures import People
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points, sides_of


def write_coco(annotations: Annotations, path: Path, *, image_root: Path | None = None) -> None:
    """Write a COCO keypoint file that `read_coco` reads back as it was.

    COCO's ids are numbers: ids that are numbers are kept, others are counted from 1. Where a
    person's area is not known, `area` is the box's, because COCO's tools need one, and
    `area_from_box` says so. The category's key "poseforge" holds the whole skeleton. Head sizes
    and box scores have no place in the format. The same annotations give the same bytes.

    Args:
        annotations: What to write.
        path: The JSON file; it is replaced whole.
        image_root: The folder that file names count from; None for the file's own.

    Raises:
        OSError: The file cannot be written; what was there is as it was.
    """
    path = Path(path)
    root = path.parent if image_root is None else Path(image_root)
    images, people = annotations.images, annotations.people
    numbers = dict(zip(images.ids.tolist(), _numbered(images.ids.tolist()), strict=True))
    document = {
        "info": {"description": f"{len(people)} people with {annotations.skeleton.name} keypoints"},
        "images": [
            {
                "id": numbers[name],
                "file_name": Path(os.path.relpath(file, root)).as_posix(),
                "width": width,
                "height": height,
            }
            for name, file, (width, height) in zip(
                images.ids.tolist(), images.paths.tolist(), images.sizes.tolist(), strict=True
            )
        ],
        "annotations": _annotations(people, [numbers[name] for name in people.image_ids.tolist()]),
        "categories": [category_of(annotations.skeleton)],
    }
    write_text(path, json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def _annotations(people: People, image_ids: list[int]) -> list[dict[str, Any]]:
    points = np.concatenate([_decimals(people.keypoints), people.visible[..., None]], axis=-1)
    no_box = np.isnan(people.boxes).any(axis=1, keepdims=True)
    boxes = np.where(no_box, box_of_points(people.keypoints, people.visible), people.boxes)
    boxes = _decimals(boxes)
    sizes = np.round(sides_of(boxes), 12)
    bboxes = np.concatenate([boxes[:, :2], sizes], axis=1)
    areas = _decimals(people.areas) if len(people.areas) else np.full(len(people), np.nan)
    of_box = np.isnan(areas)
    areas = np.where(of_box, np.round(sizes.prod(axis=1), 4), areas)
    crowd = people.crowd if len(people.crowd) else np.zeros(len(people), dtype=np.bool_)
    columns = zip(
        _numbered(people.ids.tolist()),
        image_ids,
        crowd.tolist(),
        (people.visible > 0).sum(axis=1).tolist(),
        points.reshape(-1, 3 * points.shape[1]).tolist(),
        bboxes.tolist(),
        areas.tolist(),
        of_box.tolist(),
        strict=True,
    )
    rows = []
    for number, image_id, is_crowd, num_labelled, keypoints, bbox, area, from_box in columns:
        row: dict[str, Any] = {
            "id": number,
            "image_id": image_id,
            "category_id": 1,
            "iscrowd": int(is_crowd),
            "num_keypoints": num_labelled,
            "keypoints": _plain(keypoints),
        }
        if bbox[0] == bbox[0]:  # a person without keypoints may have no box
            row["bbox"] = _plain(bbox)
            row["area"] = area
            if from_box:
                row[AREA_FROM_BOX] = True
        rows.append(row)
    return rows


def _numbered(ids: Sequence[str]) -> list[int]:
    if all(name.isdecimal() and str(int(name)) == name for name in ids):
        return [int(name) for name in ids]
    return list(range(1, len(ids) + 1))


def _decimals(values: NDArray[np.floating]) -> Floats:
    """Return float64 numbers with as few decimals as the float32 values can be told by."""
    exact = values.astype(np.float64)
    result = exact.copy()
    left = np.isfinite(exact)
    for decimals in range(10):
        rounded = np.round(exact, decimals)
        fits = left & (rounded.astype(np.float32) == values)
        result[fits] = rounded[fits]
        left &= ~fits
        if not left.any():
            break
    return result


def _plain(row: list[float]) -> list[float | int]:
    return [int(value) if value.is_integer() else value for value in row]
