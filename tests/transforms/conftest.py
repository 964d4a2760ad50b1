import cv2
import numpy as np
import pytest

from poseforge.structures import Sample, affine, boxes


def make_sample(seed: int = 0) -> Sample:
    """A smooth picture of 150 x 110 with an LSP person of 14 joints, two of them unlabelled."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(256, size=(110, 150, 3), dtype=np.uint8)
    keypoints = rng.uniform((30, 20), (120, 90), size=(14, 2)).astype(np.float32)
    visible = np.full(14, 2, np.float32)
    visible[[1, 4]], visible[2] = 0, 1
    keypoints[visible == 0] = 0
    box = boxes.box_of_points(keypoints, visible)
    return {
        "image": cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX),
        "keypoints": keypoints,
        "visible": visible,
        "box": box,
        "matrix": affine.identity(),
        "center": boxes.center_of(box),
    }


@pytest.fixture
def sample() -> Sample:
    return make_sample()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
