import numpy as np
import pytest

from poseforge.evaluation.repeated_labels import repeated_labels


@pytest.fixture
def first(as_people):
    points = np.random.default_rng(0).uniform(0, 100, size=(5, 14, 2))
    return as_people(points)


def test_people_are_joined_by_id(first):
    order = np.array([4, 2, 0])
    labels, visible, common = repeated_labels([first, first[order]])
    assert common.ids.tolist() == ["0", "2", "4"]
    np.testing.assert_array_equal(labels[0], labels[1])
    np.testing.assert_array_equal(labels[0], first.keypoints[[0, 2, 4]])
    assert visible.shape == (2, 3, 14)


def test_nobody_in_common_other_keypoints_and_repeated_ids_are_refused(first, as_people):
    others = type(first)(**{**vars(first), "ids": np.char.add(first.ids, "x")})
    with pytest.raises(ValueError, match="no person in common"):
        repeated_labels([first, others])
    with pytest.raises(ValueError, match="14, 3 keypoints"):
        repeated_labels([first, as_people(first.keypoints[:, :3])])
    with pytest.raises(ValueError, match="a person twice"):
        repeated_labels([first, first[np.array([0, 0])]])
