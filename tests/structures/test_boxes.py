import numpy as np
import pytest

from poseforge.structures import boxes


def test_box_of_points_holds_the_labelled_ones_only():
    keypoints = np.array([[[5, 1], [2, 9], [100, 100]], [[0, 0], [0, 0], [0, 0]]], np.float32)
    visible = np.array([[2, 1, 0], [0, 0, 0]])
    found = boxes.box_of_points(keypoints, visible)
    np.testing.assert_array_equal(found[0], [2, 1, 5, 9])
    assert np.isnan(found[1]).all()
    assert found.dtype == np.float32


def test_box_of_image_has_its_corners_at_pixel_centres():
    box = boxes.box_of_image((30, 20))
    np.testing.assert_array_equal(box, [0, 0, 29, 19])
    np.testing.assert_array_equal(boxes.center_of(box), [14.5, 9.5])
    assert boxes.longest_side(box) == 29


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([0, 0, 5, 5], True),
        ([-9, -9, 0, 0], True),
        ([-9, -9, -0.1, 5], False),
        ([29, 19, 40, 40], True),
        ([29.1, 0, 40, 40], False),
        ([0, 20, 5, 25], False),
        ([-100, -100, 100, 100], True),
    ],
)
def test_overlaps_image_at_its_borders(box, expected):
    assert boxes.overlaps_image(np.array(box), (30, 20)) is expected


def test_head_size_is_six_tenths_of_the_diagonal():
    heads = np.array([[[10, 20, 13, 24], [0, 0, 60, 80]]], np.float32)
    np.testing.assert_allclose(boxes.head_size(heads), [[3, 60]], rtol=1e-6)
    assert boxes.head_size(heads).dtype == np.float32
