"""Boxes that a detector found, in the layout of COCO's results files, as people without labels."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.on_disk import numbers_within
from poseforge.formats import Images
from poseforge.formats.reading import blaming, read_json
from poseforge.structures import People
from poseforge.structures.affine import Floats

FIELDS = ("image_id", "category_id", "bbox", "score")
LAYOUT = f"give a list of detections with {', '.join(FIELDS)}"


def people_of_detections(
    path: Path, annotations: Path, images: Images, num_keypoints: int, min_score: float
) -> People:
    """Read the detections of people.

    Args:
        path: The detector's results.
        annotations: The COCO file that says which categories have keypoints.
        images: The images of that file.
        num_keypoints: K.
        min_score: Detections below this are left out.

    Returns:
        People without labels, in the file's order: `image/number`, numbered within the image.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: The file is damaged, has another layout, or names unknown images.
    """
    rows = read_json(path)
    with blaming(path):
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"it is not a detector's results; {LAYOUT}")
        for number, row in enumerate(rows):
            lacking = [field for field in FIELDS if field not in row]
            if lacking:
                raise ValueError(f"detection {number + 1} has no '{lacking[0]}'; {LAYOUT}")
        categories = _categories(annotations)
        rows = [row for row in rows if str(row["category_id"]) in categories]
        names = np.array([str(row["image_id"]) for row in rows], dtype=np.str_)
        of_image = _rows_of(names, images.ids)
        box = _numbers(rows, "bbox", 4)
        scores = _numbers(rows, "score", 1)[:, 0]
        if (box[:, 2:] < 0).any():
            raise ValueError("a 'bbox' has a negative side; it is x, y, width, height")
    numbered = zip(names.tolist(), numbers_within(names).tolist(), strict=True)
    people = People(
        image_paths=images.paths[of_image],
        keypoints=np.zeros((len(rows), num_keypoints, 2), np.float32),
        visible=np.zeros((len(rows), num_keypoints), np.float32),
        boxes=np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1).astype(np.float32),
        ids=np.array([f"{name}/{number}" for name, number in numbered], dtype=np.str_),
        image_ids=names,
        box_scores=scores.astype(np.float32),
    )
    return people[scores >= min_score]


def _categories(annotations: Path) -> set[str]:
    """Return the ids of the categories that have keypoints; all of them where none names any."""
    categories = read_json(annotations)["categories"]
    named = [category for category in categories if category.get("keypoints")]
    return {str(category["id"]) for category in named or categories}


def _rows_of(names: NDArray[np.str_], known: NDArray[np.str_]) -> NDArray[np.int64]:
    index = {name: row for row, name in enumerate(known.tolist())}
    unknown = [name for name in dict.fromkeys(names.tolist()) if name not in index]
    if unknown:
        raise ValueError(
            f"it names {len(unknown)} images that the annotations do not have, the first is "
            f"{unknown[0]}; give the detections of these images"
        )
    return np.array([index[name] for name in names.tolist()], dtype=np.int64)


def _numbers(rows: list[dict[str, Any]], field: str, width: int) -> Floats:
    """Return (N, width) finite numbers."""
    try:
        values = np.array([row[field] for row in rows], dtype=np.float64).reshape(len(rows), width)
    except (TypeError, ValueError) as error:
        raise ValueError(f"a '{field}' is not {width} numbers ({error})") from error
    if not np.isfinite(values).all():
        raise ValueError(f"a '{field}' is not finite; {LAYOUT}")
    return values
