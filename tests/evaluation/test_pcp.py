import numpy as np
import pytest

from poseforge.evaluation import PCP
from poseforge.structures import Skeleton

ARM = Skeleton(
    name="arm",
    keypoints=("shoulder", "elbow", "wrist"),
    limbs={"Upper": (("shoulder", "elbow"),), "Lower": (("elbow", "wrist"),)},
)
STRAIGHT = np.array([[[0.0, 0], [100, 0], [150, 0]]])


def score(guessed, people, skeleton=ARM, **options):
    return PCP(**options)(guessed, np.ones(guessed.shape[:2]), people, skeleton)


def moved(**offsets):
    guessed = STRAIGHT.copy()
    for name, offset in offsets.items():
        guessed[0, ARM.index(name)] += offset
    return guessed


@pytest.mark.parametrize(
    ("offsets", "strict", "loose"),
    [
        ({}, (100, 100), (100, 100)),
        # 50 px is half of the upper arm exactly, and all of the lower arm.
        ({"shoulder": (0, 50)}, (100, 100), (100, 100)),
        ({"shoulder": (0, 50.1)}, (0, 100), (100, 100)),
        ({"shoulder": (0, 100.1)}, (0, 100), (0, 100)),
        ({"elbow": (30, 40)}, (100, 0), (100, 100)),
        ({"wrist": (0, np.nan)}, (100, 0), (100, 0)),
    ],
)
def test_limits_are_inclusive_and_of_the_limbs_own_length(as_people, offsets, strict, loose):
    people = as_people(STRAIGHT)
    for rule, (upper, lower) in (("strict", strict), ("loose", loose)):
        report = score(moved(**offsets), people, rule=rule)
        assert (report.columns["Upper"], report.columns["Lower"]) == (upper, lower), rule


def test_ends_may_be_middles(as_people):
    pair = Skeleton(name="pair", keypoints=("a", "b", "c"), limbs={"T": ((("a", "b"), "c"),)})
    truth = np.array([[[0.0, 0], [10, 0], [5, 20]]])
    swapped = truth[:, [1, 0, 2]]
    assert score(swapped, as_people(truth), pair).values["PCP strict@0.5"] == 100


def test_limbs_with_an_unlabelled_end_do_not_count(as_people):
    people = as_people(STRAIGHT, np.array([[2, 2, 0]]))
    report = score(moved(wrist=(500, 0)), people)
    assert report.values["PCP strict@0.5"] == 100
    assert np.isnan(report.columns["Lower"])


def test_a_limb_of_length_zero_is_right_only_where_it_is_exact(as_people):
    truth = np.zeros((1, 3, 2))
    assert score(truth, as_people(truth)).columns["Mean"] == 100
    assert score(truth + 1e-3, as_people(truth)).columns["Mean"] == 0


def test_a_skeleton_without_limbs_and_an_unknown_rule_are_refused(as_people):
    bare = Skeleton(name="bare", keypoints=ARM.keypoints)
    with pytest.raises(ValueError, match="'bare' has no limbs"):
        score(STRAIGHT, as_people(STRAIGHT), bare)
    with pytest.raises(ValueError, match="choose one of strict, loose"):
        PCP(rule="lax")
