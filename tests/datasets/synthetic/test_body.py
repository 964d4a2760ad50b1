import numpy as np
import pytest

from poseforge.datasets.synthetic import body
from poseforge.datasets.synthetic.draws import Draws, rows
from poseforge.datasets.synthetic.geometry import pose_people
from poseforge.datasets.synthetic.poses import LIMB_DOFS, TRUNK_DOFS, Angles, sample_angles
from poseforge.structures import SKELETONS


def upright(num_people=1):
    return Angles(
        np.zeros((num_people, len(TRUNK_DOFS))), np.zeros((num_people, 2, len(LIMB_DOFS)))
    )


def bent(**degrees):
    angles = upright()
    for dof, value in degrees.items():
        angles[dof][...] = value
    return body.place_bones(angles, np.ones((1, len(body.SCALES))))


def point(frames, name):
    return frames.points()[0, body.POINT_NAMES.index(name)]


def test_upright_body_has_the_proportions_of_drillis_and_contini():
    frames = bent()
    ground = point(frames, "left_ankle")[1] - body.ANKLE_HEIGHT
    heights = {
        "left_hip": 0.530, "left_knee": 0.285, "left_ankle": 0.039, "left_shoulder": 0.818,
        "left_elbow": 0.632, "left_wrist": 0.486, "head_top": 1.0, "left_eye": 0.936,
    }  # fmt: skip
    for name, height in heights.items():
        assert point(frames, name)[1] - ground == pytest.approx(height, abs=0.006), name


def test_limbs_keep_their_lengths_in_every_pose():
    geometry = pose_people(rows(3, range(400)), 128)
    at = {name: geometry.points[:, i] for i, name in enumerate(body.POINT_NAMES)}
    for start, end, length in (
        ("shoulder", "elbow", 0.186), ("elbow", "wrist", 0.146),
        ("hip", "knee", 0.245), ("knee", "ankle", 0.246),
    ):  # fmt: skip
        sides = [
            np.linalg.norm(at[f"{side}_{start}"] - at[f"{side}_{end}"], axis=1)
            for side in ("left", "right")
        ]
        np.testing.assert_allclose(sides[0], sides[1], rtol=1e-9)
        assert np.abs(sides[0] / length - 1).max() < 0.0401
        assert sides[0].mean() == pytest.approx(length, rel=0.01)


def test_elbows_and_knees_bend_one_way_only():
    angles = sample_angles(Draws(rows(4, range(1000))))
    frames = body.place_bones(angles, np.ones((1000, len(body.SCALES))))
    for above, below, forwards in (("upper_arm", "forearm", 1), ("thigh", "shin", -1)):
        for side in ("left", "right"):
            parent = frames.rotation[:, body.BONE_NAMES.index(f"{side}_{above}")]
            child = frames.rotation[:, body.BONE_NAMES.index(f"{side}_{below}")]
            lower = np.einsum("nji,nj->ni", parent, -child[:, :, 1])  # seen from the upper segment
            np.testing.assert_allclose(lower[:, 0], 0, atol=1e-9)
            assert (forwards * lower[:, 2]).min() > -1e-9
            assert lower[:, 1].max() < np.cos(np.deg2rad(180 - 145)) + 1e-9


@pytest.mark.parametrize(
    ("degrees", "name", "direction"),
    [
        ({"arm_raise": 90, "arm_plane": 0}, "left_wrist", (1, 0, 0)),
        ({"arm_raise": 90, "arm_plane": 0}, "right_wrist", (-1, 0, 0)),
        ({"arm_raise": 90, "arm_plane": 90}, "right_wrist", (0, 0, 1)),
        ({"arm_raise": 180, "arm_plane": 40}, "left_wrist", (0, 1, 0)),
    ],
)
def test_arms_rise_where_the_angles_say(degrees, name, direction):
    frames = bent(**degrees)
    shoulder = point(frames, name.replace("wrist", "shoulder"))
    reach = (point(frames, name) - shoulder) / (body.UPPER_ARM + body.FOREARM)
    np.testing.assert_allclose(reach, direction, atol=1e-9)


def test_turn_order_equals_the_product():
    x, z, y = np.random.default_rng(0).uniform(-180, 180, (3, 2, 4))
    product = body.turn(0, x) @ body.turn(2, z) @ body.turn(1, y)
    np.testing.assert_allclose(body._turn_xzy(x, z, y), product, atol=1e-12)


@pytest.mark.parametrize("skeleton", ["lsp14", "mpii16", "coco17", "flic11", "flic10"])
def test_body_knows_the_points_of_public_skeletons(skeleton):
    assert set(SKELETONS[skeleton].keypoints) <= set(body.POINT_NAMES)
