"""Whose pose each detection is, for what is asked person by person."""

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.oks import areas_of, oks, sigmas_of
from poseforge.structures import Detections, People, Skeleton

# A detection that is less similar than this to everyone is nobody's: Ronchi and Perona, ICCV 2017.
LEAST_SIMILARITY = 0.1


def assign(detections: Detections, truth: People, skeleton: Skeleton) -> NDArray[np.int64]:
    """Give each person a detection of the image, best score first, each to the most similar left.

    Args:
        detections: M poses.
        truth: N people; crowds and people without a labelled keypoint get none.
        skeleton: What the keypoints are.

    Returns:
        (N,) rows of the detections; -1 for a person whom none is similar to.

    Raises:
        ValueError: The skeleton has no sigmas, or only some people have an area.
    """
    owners = np.full(len(truth), -1)
    areas, sigmas = areas_of(truth), sigmas_of(skeleton)
    wanted = np.flatnonzero(truth.to_find)
    people_of: dict[str, list[int]] = {}
    for person in wanted:
        people_of.setdefault(str(truth.image_names[person]), []).append(int(person))
    found_in: dict[str, list[int]] = {}
    for row in np.argsort(-detections.person_scores, kind="stable"):
        found_in.setdefault(str(detections.image_ids[row]), []).append(int(row))
    for image, rows in found_in.items():
        people = np.array(people_of.get(image, []), dtype=np.int64)
        if not len(people):
            continue
        similarity = oks(
            detections.keypoints[rows],
            truth.keypoints[people],
            truth.visible[people],
            areas[people],
            truth.boxes[people],
            sigmas,
        )  # (m, n)
        for row, alike in zip(rows, similarity, strict=True):
            free = np.where(owners[people] < 0, alike, -1)
            if free.max() >= LEAST_SIMILARITY:
                owners[people[free.argmax()]] = row
    return owners
