import numpy as np
import pytest

from poseforge.datasets.regions import moved, region_around
from poseforge.structures import affine

PICTURE = (100, 80)


@pytest.mark.parametrize(
    ("box", "reach", "low", "high"),
    [
        # The middle is (50, 40), the longer side 20: half of twice that is 20 either way.
        ((40, 35, 60, 45), 2.0, (30, 20), (71, 61)),
        ((40, 35, 60, 45), 20.0, (0, 0), PICTURE),
        ((0, 0, 10, 10), 1.0, (0, 0), (11, 11)),
        ((200, 200, 210, 210), 1.0, (99, 79), PICTURE),  # a pixel at least
    ],
)
def test_the_square_is_cut_off_where_the_picture_ends(box, reach, low, high):
    found = region_around(np.array(box, np.float32), PICTURE, reach)
    np.testing.assert_array_equal(found, (low, high))


def test_points_and_boxes_move_and_maps_are_chained():
    before = affine.crop_matrix(np.array([5.0, 7.0]), 20.0, (64, 64), rotation_deg=30)
    matrix = np.array([[0.5, 0.0, 3.0], [0.0, 0.25, -2.0]])
    sample = {
        "matrix": before,
        "keypoints": np.array([[[8, 4]], [[0, 0]]], np.float32),
        "box": np.array([2, 4, 6, 8], np.float32),
        "visible": np.ones((2, 1)),
    }
    part = moved(sample, np.zeros((4, 4, 3), np.uint8), matrix)
    np.testing.assert_array_equal(part["keypoints"], [[[7, -1]], [[3, -2]]])
    np.testing.assert_array_equal(part["box"], [4, -1, 6, 0])
    assert part["visible"] is sample["visible"]
    point = np.array([1.0, 2.0])
    expected = matrix[:, :2] @ affine.apply(before, point) + matrix[:, 2]
    np.testing.assert_allclose(affine.apply(part["matrix"], point), expected)
