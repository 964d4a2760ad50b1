import numpy as np

from poseforge.datasets.synthetic import poses
from poseforge.datasets.synthetic.draws import Draws, rows


def test_angles_stay_within_the_joints_limits():
    angles = poses.sample_angles(Draws(rows(1, range(2000))))
    for dof, (low, high) in {**poses.TRUNK_LIMITS, **poses.LIMB_LIMITS}.items():
        if dof.startswith("root"):
            continue
        assert angles[dof].min() >= low - 1e-9, dof
        assert angles[dof].max() <= high + 1e-9, dof


def test_actions_name_existing_angles_and_ordered_ranges():
    known = {*poses.TRUNK_DOFS, *poses.LIMB_DOFS}
    for name, action in poses.ACTIONS.items():
        for ranges in (action.both, action.left, action.right):
            assert set(ranges) <= known, name
            assert all(low <= high for low, high in ranges.values()), name


def test_both_sides_do_the_same_on_average():
    angles = poses.sample_angles(Draws(rows(2, range(4000))))
    left, right = angles.limbs.mean(axis=0)
    np.testing.assert_allclose(left, right, atol=3.5)
    assert abs(angles["spine_twist"].mean()) < 1.5


def test_people_are_upside_down_sometimes_but_seldom():
    pitch = poses.sample_angles(Draws(rows(5, range(2000))))["root_pitch"]
    assert 0.01 < (np.abs(pitch) > 120).mean() < 0.2
