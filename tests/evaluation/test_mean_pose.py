import numpy as np
import pytest

from poseforge.evaluation import mean_pose, paste
from poseforge.structures.boxes import box_of_points

SHAPE = np.array([[0.0, 0.25], [0.5, 1.0], [1.0, 0.0]])


def test_copies_of_one_shape_average_to_it_and_paste_back(as_people):
    boxes = np.array([[0, 0, 10, 40], [100, 50, 300, 60]], dtype=np.float32)
    people = as_people(paste(SHAPE, boxes))
    pose = mean_pose(people)
    np.testing.assert_allclose(pose, SHAPE, atol=1e-6)
    np.testing.assert_allclose(box_of_points(people.keypoints, people.visible), boxes)
    np.testing.assert_allclose(paste(pose, boxes), people.keypoints, atol=1e-4)


def test_average_is_taken_in_box_units_not_pixels(as_people):
    mirrored = SHAPE * [-1, 1] + [1, 0]
    people = as_people(np.stack([SHAPE * 10, mirrored * 1000 + 7]))
    np.testing.assert_allclose(mean_pose(people), (SHAPE + mirrored) / 2, atol=1e-6)


def test_people_not_fully_labelled_or_flat_do_not_count(as_people):
    flat = SHAPE * [10, 0]
    cut = SHAPE[::-1] * 30
    visible = np.full((3, 3), 2)
    visible[2, 0] = 0
    people = as_people(np.stack([SHAPE * 10, flat, cut]), visible)
    np.testing.assert_allclose(mean_pose(people), SHAPE, atol=1e-6)


def test_nobody_complete_is_an_error(as_people):
    with pytest.raises(ValueError, match="none of 2 people"):
        mean_pose(as_people(np.ones((2, 3, 2))))
