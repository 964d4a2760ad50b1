"""Our own predictions as JSON, a line a person.

    {"format": "poseforge-predictions", "version": 1,
     "skeleton": {"name": "lsp14", "keypoints": ["right_ankle", ...]}, "people": [
    {"id": "lsp/im1001.jpg", "keypoints": [[29.5, 84.25], null, ...], "scores": [0.93, null, ...]},
    ...
    ]}

Coordinates are pixels of the image, counted from 0; null is what is not predicted.
"""

import json
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.files import write_text
from poseforge.formats.predictions.checks import as_predictions, check_names
from poseforge.formats.predictions.numbers import shortest
from poseforge.structures import Predictions, Skeleton

FORMAT = "poseforge-predictions"
VERSION = 1
NOWHERE = (np.nan, np.nan)


def write_json(predictions: Predictions, skeleton: Skeleton, path: Path) -> None:
    """Write predictions; the same predictions make the same bytes.

    Raises:
        OSError: The file cannot be written; `path` is as it was.
    """
    head = {
        "format": FORMAT,
        "version": VERSION,
        "skeleton": {"name": skeleton.name, "keypoints": skeleton.keypoints},
    }
    missing = np.any(np.isnan(predictions.keypoints), axis=-1)
    poses, sure = shortest(predictions.keypoints), shortest(predictions.scores)
    people = [
        {
            "id": name,
            "keypoints": [None if gone else xy for xy, gone in zip(pose, gaps, strict=True)],
            "scores": [None if isnan(score) else score for score in scores],
        }
        for name, pose, scores, gaps in zip(
            predictions.ids.tolist(), poses, sure, missing.tolist(), strict=True
        )
    ]
    lines = ",\n".join(json.dumps(person, allow_nan=False) for person in people)
    write_text(path, f'{json.dumps(head)[:-1]}, "people": [\n{lines}\n]}}\n')


def parse_json(path: Path, content: Any, skeleton: Skeleton) -> Predictions:
    """Return the predictions that a file's content means.

    Raises:
        ValueError: It is of another format or version, of other keypoints, or a person is damaged.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(
            f"{path} holds no predictions: it is neither a list (COCO results) nor an object with "
            f'"format": "{FORMAT}"; give one of these'
        )
    if content.get("version") != VERSION:
        raise ValueError(
            f"{path} is version {content.get('version')} of {FORMAT}, but this PoseForge reads "
            f"version {VERSION}; write it anew or use the PoseForge that wrote it"
        )
    declared, people = content.get("skeleton"), content.get("people")
    if not (isinstance(declared, dict) and isinstance(declared.get("keypoints"), list)):
        raise ValueError(
            f"{path} does not name its keypoints; add 'skeleton' with a list 'keypoints'"
        )
    if not isinstance(people, list):
        raise ValueError(f"{path} has no list of 'people'; write it anew")
    check_names(path, declared["keypoints"], skeleton)
    ids, points, scores = [], [], []
    for number, person in enumerate(people):
        arrays = _person(person, skeleton.num_keypoints)
        if arrays is None:
            raise ValueError(
                f"{path}: person {number + 1} is not an object with a string 'id', "
                f"{skeleton.num_keypoints} 'keypoints' ([x, y] or null) and as many 'scores' (a "
                "number or null); correct it"
            )
        ids.append(person["id"])
        points.append(arrays[0])
        scores.append(arrays[1])
    shape = len(people), skeleton.num_keypoints
    return as_predictions(
        path,
        np.array(ids, dtype=np.str_),
        np.array(points).reshape(*shape, 2),
        np.array(scores).reshape(shape),
    )


def _person(person: Any, num_keypoints: int) -> tuple[NDArray[Any], NDArray[Any]] | None:
    try:
        points = [NOWHERE if point is None else point for point in person["keypoints"]]
        keypoints = np.array(points, dtype=np.float32)
        scores = np.array(person["scores"], dtype=np.float32)  # None becomes NaN
        named = isinstance(person["id"], str)
    except (KeyError, TypeError, ValueError):
        return None
    fits = keypoints.shape == (num_keypoints, 2) and scores.shape == (num_keypoints,)
    return (keypoints, scores) if named and fits else None
