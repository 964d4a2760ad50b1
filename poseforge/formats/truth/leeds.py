"""The labels of Leeds Sports Pose, `joints` (3, 14, 2000): x, y counted from 1, and occluded.

There are two versions with the same layout. Person-centric labels call left what is the person's
left; observer-centric ones call left what would be on a person who faces the camera. The files
themselves do not say which they are, so that it is read from the end of the name.
"""

from pathlib import Path

import numpy as np

from poseforge.formats.truth.base import Truth, unpictured
from poseforge.structures import SKELETONS
from poseforge.structures.affine import Floats

SHAPE = (3, 14, 2000)
FIRST_TEST = 1000
LABELS = {"PC": "person-centric", "OC": "observer-centric"}


def parse_leeds(path: Path, joints: Floats) -> Truth:
    """Return the test half, people 1001 to 2000, called as the LSP data set calls them.

    Raises:
        ValueError: The numbers mean nothing.
    """
    test = joints.transpose(2, 1, 0)[FIRST_TEST:]  # (1000, 14, 3)
    if not np.isfinite(test).all() or not np.isin(test[..., 2], (0, 1)).all():
        raise ValueError(
            f"{path}: 'joints' has places that are no numbers, or a third number that is neither "
            "0 nor 1; get the file anew"
        )
    numbers = range(FIRST_TEST + 1, SHAPE[-1] + 1)
    people = unpictured(
        keypoints=test[..., :2] - 1,
        visible=np.where(test[..., 2] == 1, 1, 2),
        ids=np.array([f"lsp/im{number:04d}.jpg" for number in numbers]),
    )
    kind = LABELS.get(path.stem[-2:])
    labels = f"{kind} labels" if kind else f"labels of {path.name}"
    return Truth("lsp_test", SKELETONS["lsp14"], people, f"Leeds Sports Pose test half, {labels}")
