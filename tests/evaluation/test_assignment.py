import numpy as np
import pytest

from poseforge.evaluation.assignment import assign
from poseforge.structures import SKELETONS, Detections, People

COCO = SKELETONS["coco17"]


@pytest.fixture
def people():
    """Three people: two in the first image, one in the second, a crowd and one without labels."""
    rng = np.random.default_rng(0)
    corners = np.array([[0, 0], [300, 0], [0, 0], [600, 0], [900, 0]])
    points = corners[:, None] + rng.uniform(0, 100, size=(5, 17, 2))
    visible = np.full((5, 17), 2.0)
    visible[4] = 0
    return People(
        image_paths=np.array([], dtype=str),
        keypoints=points,
        visible=visible,
        boxes=np.concatenate([corners, corners + 100], axis=1).astype(float),
        ids=np.arange(5).astype(str),
        image_ids=np.array(["a", "a", "b", "a", "a"]),
        areas=np.full(5, 1e4),
        crowd=np.array([False, False, False, True, False]),
    )


def detect(people, rows, images, scores, shift=0.0):
    keypoints = people.keypoints[rows] + shift
    ones = np.ones(keypoints.shape[:2])
    return Detections(np.array(images), keypoints, ones, np.array(scores, dtype=float))


def test_each_person_gets_the_pose_that_is_like_them(people):
    found = detect(people, [2, 1, 0], ["b", "a", "a"], [0.1, 0.2, 0.3])
    assert assign(found, people, COCO).tolist() == [2, 1, 0, -1, -1]


def test_the_surer_pose_of_two_wins_and_the_other_is_nobodys(people):
    found = detect(people, [0, 0], ["a", "a"], [0.2, 0.9])
    assert assign(found, people, COCO).tolist() == [1, -1, -1, -1, -1]


def test_poses_far_from_everyone_and_in_other_images_are_nobodys(people):
    far = detect(people, [0], ["a"], [1.0], shift=5000.0)
    assert (assign(far, people, COCO) == -1).all()
    elsewhere = detect(people, [1], ["b"], [1.0])
    assert (assign(elsewhere, people, COCO) == -1).all()


def test_crowds_and_people_without_labels_get_nothing(people):
    found = detect(people, [3, 4], ["a", "a"], [1.0, 1.0])
    assert (assign(found, people, COCO) == -1).all()
