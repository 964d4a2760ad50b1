"""MPII in the JSON layout common since HRNet, and the head boxes that lie beside it.

A file is a list of people: `image`, `center`, `scale`, and outside the test split `joints` (16
pairs) and `joints_vis` (16 times 0 or 1). Centre and joints count pixels from 1. `joints_vis` says
whether a joint is labelled, not whether it is seen: who trains on hidden joints apart needs the
official file.
"""

from pathlib import Path
from typing import Any

import numpy as np

from poseforge.datasets.mpii_labels import NUM_JOINTS, MpiiLabels
from poseforge.datasets.on_disk import load_mat, numbers_within
from poseforge.formats.reading import read_json
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import head_size

KEYS = {"center": (2,), "scale": (), "joints": (NUM_JOINTS, 2), "joints_vis": (NUM_JOINTS,)}
AGREEMENT_PX = 1.0  # joints of one person in two files differ by less than this


def read_mpii_json(path: Path) -> MpiiLabels:
    """Read an annotation file; head sizes are not in it.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no JSON, or not of this layout.
    """
    people = read_json(path)
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise ValueError(
            f"{path} is not a list of people with image, center, scale, joints and joints_vis; "
            "give a file of MPII in HRNet's layout"
        )
    is_test = bool(people) and not any("joints" in person for person in people)
    names = np.array([_image(path, row, person) for row, person in enumerate(people)], np.str_)
    points: Floats = np.zeros((len(people), NUM_JOINTS, 2))
    flags: Floats = np.zeros((len(people), NUM_JOINTS))
    if not is_test:
        points, flags = _column(path, people, "joints"), _column(path, people, "joints_vis")
    if not np.isin(flags, (0, 1)).all():
        raise ValueError(f"{path}: a number in joints_vis is neither 0 nor 1; get the file anew")
    return MpiiLabels(
        images=names,
        numbers=numbers_within(names),
        keypoints=np.where(flags[..., None] > 0, points - 1, 0),
        visible=flags * 2,
        centers=_column(path, people, "center") - 1,
        scales=_column(path, people, "scale"),
        head_sizes=np.empty(0),
    )


def read_head_sizes(path: Path, labels: MpiiLabels) -> Floats:
    """Read the head sizes (N,) of the same people from the `.mat` file of the evaluation.

    Args:
        path: A file with `headboxes_src` (2, 2, N), `pos_gt_src` (16, 2, N), which counts pixels
            from 1, and `jnt_missing` (16, N).
        labels: The people that the head sizes are for.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is damaged, or of other people.
    """
    corners, points, missing = load_mat(path, "headboxes_src", "pos_gt_src", "jnt_missing")
    try:  # a file of one person comes without its last axis
        corners, points = np.reshape(corners, (2, 2, -1)), np.reshape(points, (NUM_JOINTS, 2, -1))
        missing = np.reshape(missing, (NUM_JOINTS, -1))
    except ValueError as error:
        raise ValueError(
            f"{path}: headboxes_src, pos_gt_src and jnt_missing have not the shapes (2, 2, N), "
            f"({NUM_JOINTS}, 2, N) and ({NUM_JOINTS}, N); get the file anew"
        ) from error
    if not corners.shape[-1] == points.shape[-1] == missing.shape[-1] == len(labels):
        raise ValueError(
            f"{path} has head boxes of {corners.shape[-1]} people, but there are annotations of "
            f"{len(labels)}; put the two files of one split together"
        )
    both = (labels.visible > 0) & (missing.T == 0)
    gaps = np.linalg.norm(points.transpose(2, 0, 1) - 1 - labels.keypoints, axis=-1)  # (N, 16)
    # A handful of joints was corrected in one file and not in the other; another order of people
    # makes nearly all of them differ.
    if both.any() and (gaps[both] < AGREEMENT_PX).mean() < 0.9:
        raise ValueError(
            f"{path} has other people than the annotations, or another order of them; put the two "
            "files of one split together"
        )
    return head_size(corners.reshape(4, -1).T)


def _image(path: Path, row: int, person: dict[str, Any]) -> str:
    name = person.get("image")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{path}: person {row + 1} has no image; get the file anew")
    return name


def _column(path: Path, people: list[dict[str, Any]], key: str) -> Floats:
    """Return one number or array a person: (N, ...) float64."""
    shape = KEYS[key]
    rows = []
    for row, person in enumerate(people):
        try:
            value = np.asarray(person[key], dtype=np.float64)
        except (KeyError, TypeError, ValueError):
            value = np.empty(0)
        if value.shape != shape or not np.isfinite(value).all():
            numbers = f"{' x '.join(map(str, shape))} numbers" if shape else "one number"
            raise ValueError(
                f"{path}: '{key}' of person {row + 1} ({person.get('image')}) is not {numbers}; "
                "correct it or get the file anew"
            )
        rows.append(value)
    return np.array(rows, dtype=np.float64).reshape(len(people), *shape)
