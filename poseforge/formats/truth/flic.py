"""FLIC's test labels as the evaluation of CPM has them, `joints` (2, 10, 1016), counted from 1.

Their order is head, neck, right shoulder, elbow, wrist, hip, left shoulder, elbow, wrist, hip. The
neck is the middle of the shoulders to the last digit, and the published predictions do without it;
so does this. Labels are observer-centric: left is right in the picture, as on a person who faces
the camera. The images' names are not in the file.
"""

from pathlib import Path

import numpy as np

from poseforge.formats.truth.base import Truth, unpictured
from poseforge.structures import SKELETONS
from poseforge.structures.affine import Floats

SHAPE = (2, 10, 1016)
ROWS = (6, 7, 8, 2, 3, 4, 9, 5, 0)  # of flic9's keypoints in the file


def parse_flic(path: Path, joints: Floats) -> Truth:
    """Return the test people in the order of the file, called flic_test/0001 and so on.

    Raises:
        ValueError: The numbers mean nothing.
    """
    if not np.isfinite(joints).all():
        raise ValueError(f"{path}: 'joints' has places that are no numbers; get the file anew")
    keypoints = joints.transpose(2, 1, 0)[:, ROWS] - 1
    people = unpictured(
        keypoints=keypoints,
        visible=np.full(keypoints.shape[:2], 2),
        ids=np.array([f"flic_test/{number:04d}" for number in range(1, len(keypoints) + 1)]),
    )
    return Truth("flic_test", SKELETONS["flic9"], people, "FLIC test, observer-centric labels")
