from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.sigma_checks import check_sigmas
from poseforge.structures import SKELETONS, People, Skeleton
from tests.evaluation.coco_scenes import load_coco_mini

COCO17 = SKELETONS["coco17"]
SIGMAS = np.array(COCO17.sigmas)
STICK = Skeleton("stick", ("left", "right", "top"), (("left", "right"),), (("left", "top"),))


@pytest.fixture
def coco(data_root):
    return load_coco_mini(data_root)[1]


def sticks(keypoints):
    count = len(keypoints)
    return People(
        image_paths=np.array([], dtype=str),
        keypoints=keypoints.astype(np.float32),
        visible=np.full((count, 3), 2.0),
        boxes=np.tile(np.array([0, 0, 100, 100], dtype=np.float32), (count, 1)),
        ids=np.arange(count).astype(str),
        areas=np.full(count, 10000.0),
    )


def test_cocos_sigmas_are_right_for_coco(coco):
    assert check_sigmas(SIGMAS, coco, COCO17) == ()


def test_sigmas_five_times_as_large_are_not(coco):
    findings = check_sigmas(5 * SIGMAS, coco, COCO17)
    assert "mean pose stretched into each box has a mean OKS of 0.7" in findings[0]
    assert "left and right exchanged" in findings[1]
    assert len(findings) == 2 + 17
    assert "nose may be where left_eye (100% of the people) or right_eye" in findings[2]


def test_one_sigma_too_large_is_named(coco):
    sigmas = SIGMAS.copy()
    sigmas[COCO17.index("left_wrist")] *= 4
    (finding,) = check_sigmas(sigmas, coco, COCO17)
    assert finding.startswith("left_wrist may be where left_elbow (")


def test_everybody_in_the_same_pose_makes_the_mean_pose_perfect():
    people = sticks(np.tile(np.array([(0, 100), (100, 100), (50, 0)]), (4, 1, 1)))
    (finding,) = check_sigmas(np.full(3, 0.01), people, STICK)
    assert "the mean pose stretched into each box has a mean OKS of 1.00" in finding


def test_reach_is_the_distance_of_similarity_one_half():
    # Scattered, so that the mean pose is far off; left and top are 30 px apart.
    corners = np.random.default_rng(0).uniform(0, 1000, (50, 1, 2))
    people = sticks(corners + np.array([(0, 30), (500, 500), (0, 0)]))
    sigma = 30 / (2 * 100 * np.sqrt(2 * np.log(2)))
    assert check_sigmas(np.full(3, sigma * 0.99), people, STICK) == ()
    left, top = check_sigmas(np.full(3, sigma * 1.01), people, STICK)
    assert left.startswith("left may be where top (100% of the people) is")
    assert top.startswith("top may be where left (100% of the people) is")


def test_bad_input(coco):
    with pytest.raises(ValueError, match="give 17 positive numbers"):
        check_sigmas(SIGMAS[:5], coco, COCO17)
    with pytest.raises(ValueError, match="give 17 positive numbers"):
        check_sigmas(0 * SIGMAS, coco, COCO17)
    with pytest.raises(ValueError, match="give other people"):
        check_sigmas(SIGMAS, replace(coco, visible=0 * coco.visible), COCO17)
