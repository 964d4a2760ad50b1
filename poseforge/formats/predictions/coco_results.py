"""COCO keypoint results, a list of poses: https://cocodataset.org/#format-results."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from poseforge.files import write_text
from poseforge.formats.predictions.checks import check_finite
from poseforge.formats.predictions.numbers import shortest
from poseforge.structures import Detections

PERSON = 1  # COCO's category of people
KEYS = ("image_id", "category_id", "keypoints", "score")


def write_coco_results(detections: Detections, path: Path) -> None:
    """Write poses of people, a line each; the same poses make the same bytes.

    An image id of digits is written as the number that COCO has for it. A point that is not
    predicted becomes 0, 0 with the score 0, because COCO has no word for it.

    Raises:
        OSError: The file cannot be written; `path` is as it was.
        ValueError: A pose has no score to be ranked by.
    """
    if np.isnan(detections.person_scores).any():
        raise ValueError("a pose without a score cannot be ranked; give each a number")
    triples = np.concatenate([detections.keypoints, detections.scores[..., None]], axis=-1)
    triples = np.where(np.isnan(triples).any(axis=-1, keepdims=True), 0, triples)
    columns = shortest(triples.reshape(len(triples), -1)), shortest(detections.person_scores)
    lines = [
        json.dumps(dict(zip(KEYS, (_as_number(image), PERSON, numbers, score), strict=True)))
        for image, numbers, score in zip(detections.image_ids.tolist(), *columns, strict=True)
    ]
    write_text(path, "[\n" + ",\n".join(lines) + "\n]\n")


def parse_coco_results(path: Path, items: list[Any]) -> Detections:
    """Return the poses of a results file; an item's third numbers are its keypoints' scores.

    Raises:
        ValueError: An item lacks something, lengths disagree, there are several categories, or
            there is no pose at all.
    """
    if not items:
        raise ValueError(f"{path} is an empty list; give a file with at least one pose")
    for number, item in enumerate(items):
        missing = [key for key in KEYS if not isinstance(item, dict) or key not in item]
        if missing:
            raise ValueError(
                f"{path}: item {number + 1} of {len(items)} has no {' and no '.join(missing)}; "
                f"COCO keypoint results have {', '.join(KEYS)}"
            )
    categories = sorted({str(item["category_id"]) for item in items})
    if len(categories) > 1:
        raise ValueError(
            f"{path} has poses of the categories {', '.join(categories)}; give a file of one"
        )
    try:
        triples = np.array([item["keypoints"] for item in items], dtype=np.float32)
        ranks = np.array([item["score"] for item in items], dtype=np.float32)
        triples, ranks = triples.reshape(len(items), -1, 3), ranks.reshape(len(items))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path}: 'keypoints' must be lists of x, y, score in turn, all of one length, and "
            "'score' a number; write it anew"
        ) from error
    check_finite(path, triples, ranks)
    if np.isnan(ranks).any():
        raise ValueError(f"{path}: a 'score' is not a number, so the pose cannot be ranked")
    image_ids = np.array([str(item["image_id"]) for item in items], dtype=np.str_)
    return Detections(image_ids, triples[..., :2], triples[..., 2], ranks)


def _as_number(image_id: str) -> int | str:
    is_number = image_id.isdecimal() and str(int(image_id)) == image_id
    return int(image_id) if is_number else image_id
