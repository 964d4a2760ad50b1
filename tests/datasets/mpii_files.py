"""MPII's files in miniature."""

from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat


def structs(rows: list[dict]) -> np.ndarray:
    """A MATLAB struct array (1, N); what a row lacks is empty, as MATLAB has it."""
    fields = list(dict.fromkeys(key for row in rows for key in row))
    array = np.empty((1, len(rows)), dtype=[(field, object) for field in fields])
    for number, row in enumerate(rows):
        for field in fields:
            array[0, number][field] = row.get(field, np.empty((0, 0)))
    return array


def cells(values: list) -> np.ndarray:
    """A MATLAB cell array (N, 1)."""
    array = np.empty((len(values), 1), dtype=object)
    array[:, 0] = [np.asarray(value) for value in values]
    return array


def write_pictures(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    picture = cv2.imencode(".jpg", np.full((80, 120, 3), 90, np.uint8))[1].tobytes()
    for name in names:
        (folder / name).write_bytes(picture)


def write_head_boxes(path: Path, head_boxes, joints, labelled) -> None:
    """The .mat file of the evaluation: boxes (N, 4), joints (N, 16, 2), labelled (N, 16)."""
    corners = np.asarray(head_boxes, float).reshape(-1, 2, 2).transpose(1, 2, 0)
    savemat(
        path,
        {
            "headboxes_src": corners,
            "pos_gt_src": np.asarray(joints, float).transpose(1, 2, 0),
            "jnt_missing": (1 - np.asarray(labelled)).astype(np.uint8).T,
        },
    )
