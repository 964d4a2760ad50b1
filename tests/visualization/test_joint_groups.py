import pytest
from matplotlib.colors import to_rgb

from poseforge.structures import SKELETONS, Skeleton
from poseforge.visualization.joint_groups import (
    GAP,
    LEFT,
    MIDDLE,
    RIGHT,
    check_joints,
    joint_groups,
    joint_rows,
    side_colour,
)

FISH = Skeleton(
    name="fish",
    keypoints=("tail", "right_fin", "eye_l", "snout", "left_fin", "eye_r"),
    pairs=(("left_fin", "right_fin"), ("eye_l", "eye_r")),
)


def test_pairs_stand_where_their_first_side_does():
    groups = joint_groups(FISH, FISH.keypoints)
    assert [tuple(group) for group in groups] == [
        ("tail", ("tail",)),
        ("fin", ("left_fin", "right_fin")),
        ("eye l / eye r", ("eye_l", "eye_r")),
        ("snout", ("snout",)),
    ]


def test_a_side_without_its_partner_keeps_its_full_name():
    groups = joint_groups(FISH, ["snout", "left_fin"])
    assert [tuple(group) for group in groups] == [
        ("left fin", ("left_fin",)),
        ("snout", ("snout",)),
    ]


def test_rows_leave_a_gap_between_groups():
    assert joint_rows(FISH, FISH.keypoints) == pytest.approx(
        {
            "tail": 0,
            "left_fin": 1 + GAP,
            "right_fin": 2 + GAP,
            "eye_l": 3 + 2 * GAP,
            "eye_r": 4 + 2 * GAP,
            "snout": 5 + 3 * GAP,
        }
    )


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_every_joint_of_a_skeleton_has_one_row(name):
    skeleton = SKELETONS[name]
    assert sorted(joint_rows(skeleton, skeleton.keypoints)) == sorted(skeleton.keypoints)


def test_colours_of_the_sides():
    assert [side_colour(FISH, name) for name in ("left_fin", "eye_r", "tail")] == [
        LEFT,
        RIGHT,
        MIDDLE,
    ]
    (red, _, blue), (cool_red, _, cool_blue) = to_rgb(LEFT), to_rgb(RIGHT)
    assert red > blue + 0.5
    assert cool_blue > cool_red + 0.5


def test_an_unknown_joint_is_refused():
    check_joints(FISH, ["tail"])
    with pytest.raises(ValueError, match="wing are no keypoints of skeleton 'fish'; it has tail"):
        check_joints(FISH, ["tail", "wing"])
