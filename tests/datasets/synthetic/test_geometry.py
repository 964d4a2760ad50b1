"""Which joints are hidden, in scenes whose answer is plain."""

from dataclasses import replace

import numpy as np
import pytest

from poseforge.datasets.synthetic.body import POINT_NAMES, SCALES, place_bones, turn
from poseforge.datasets.synthetic.camera import Lens, View
from poseforge.datasets.synthetic.draws import Draws, rows
from poseforge.datasets.synthetic.flesh import sample_build
from poseforge.datasets.synthetic.geometry import pose_people, visibility
from poseforge.datasets.synthetic.objects import KINDS, NUM_SHAPES, Objects
from poseforge.datasets.synthetic.poses import LIMB_DOFS, TRUNK_DOFS, Angles
from poseforge.datasets.synthetic.quadrics import place_solids, surfaces
from poseforge.structures import SKELETONS

SIZE = 128
NOTHING = Objects(
    np.zeros(1, dtype=np.intp),
    np.zeros((1, NUM_SHAPES, 2)),
    np.zeros((1, NUM_SHAPES, 2)),
    np.zeros((1, NUM_SHAPES)),
)


def scene(yaw_deg, objects=NOTHING, **degrees):
    """Stand a person of average proportions before a level camera."""
    angles = Angles(np.zeros((1, len(TRUNK_DOFS))), np.zeros((1, 2, len(LIMB_DOFS))))
    for dof, value in degrees.items():
        angles[dof][...] = value
    frames = place_bones(angles, np.ones((1, len(SCALES))))
    build = sample_build(Draws(np.full((1, 20), 0.6)))
    rotation = np.diag([1.0, -1.0, -1.0]) @ turn(1, np.array([float(yaw_deg)]))
    view = View(rotation, np.zeros((1, 3)), np.array([4.0]))
    lens = Lens(np.array([4.0 * 100]), np.array([[63.5, 63.5]]))
    solids = place_solids(frames, build, view)
    points = view.to_camera(frames.points())
    template = pose_people(rows(0, [0]), SIZE)
    return replace(
        template, frames=frames, build=build, view=view, lens=lens, solids=solids,
        quadrics=surfaces(solids), objects=objects, points=points, pixels=lens.project(points),
    )  # fmt: skip


def flag(geometry, name):
    return visibility(geometry, (name,), SIZE)[0, 0]


BEHIND_BACK = {"arm_raise": 25, "arm_plane": -50, "arm_roll": -85, "elbow": 80}


def test_wrists_behind_the_back_are_hidden_from_the_front_and_seen_from_behind():
    assert flag(scene(0, **BEHIND_BACK), "left_wrist") == 1
    assert flag(scene(0, **BEHIND_BACK), "right_wrist") == 1
    assert flag(scene(180, **BEHIND_BACK), "left_wrist") == 2


def test_wrists_before_the_chest_are_seen_from_the_front_only():
    crossed = {"arm_raise": 40, "arm_plane": 70, "arm_roll": -70, "elbow": 95}
    assert flag(scene(0, **crossed), "left_wrist") == 2
    assert flag(scene(180, **crossed), "left_wrist") == 1


def test_everything_is_seen_from_the_front_of_a_star():
    star = scene(0, arm_raise=80, hip_abduct=25)
    assert (visibility(star, SKELETONS["lsp14"].keypoints, SIZE) == 2).all()
    assert (visibility(star, SKELETONS["coco17"].keypoints, SIZE) == 2).all()


@pytest.mark.parametrize(("yaw", "far"), [(90, "left"), (270, "right")])
def test_the_far_side_is_hidden_in_profile(yaw, far):
    # At a yaw of 90 degrees the person's forwards turn to the right of the picture,
    # so that the right side is near.
    profile = scene(yaw)
    near = {"left": "right", "right": "left"}[far]
    depth = {side: profile.points[0, POINT_NAMES.index(f"{side}_hip"), 2] for side in (near, far)}
    assert depth[far] > depth[near]
    for joint in ("shoulder", "elbow", "hip", "knee"):
        assert flag(profile, f"{far}_{joint}") == 1, joint
    for joint in ("shoulder", "elbow", "wrist", "knee", "ankle"):
        assert flag(profile, f"{near}_{joint}") == 2, joint


def test_faces_are_hidden_from_behind():
    for name in ("nose", "left_eye", "right_eye"):
        assert flag(scene(0), name) == 2
        assert flag(scene(180), name) == 1


def test_an_object_hides_the_joint_behind_it_and_no_other():
    free = scene(0, arm_raise=80)
    elbow = free.pixels[0, POINT_NAMES.index("left_elbow")]
    center, half = np.zeros((1, NUM_SHAPES, 2)), np.zeros((1, NUM_SHAPES, 2))
    center[0, 0], half[0, 0] = elbow + 2, 5
    for kind in ("box", "ball"):
        ball = Objects(np.array([KINDS.index(kind)]), center, half, np.zeros((1, NUM_SHAPES)))
        covered = scene(0, objects=ball, arm_raise=80)
        assert flag(covered, "left_elbow") == 1
        assert flag(covered, "right_elbow") == 2


def test_joints_outside_the_picture_are_not_labelled():
    geometry = scene(0)
    shifted = replace(geometry, pixels=geometry.pixels + 1000)
    assert (visibility(shifted, ("left_knee", "neck"), SIZE) == 0).all()


def test_the_share_of_seen_joints_is_a_photographs():
    names = SKELETONS["lsp14"].keypoints
    visible = visibility(pose_people(rows(0, range(1500)), SIZE), names, SIZE)
    assert 0.6 < (visible == 2).mean() < 0.95
    assert (visible == 0).mean() < 0.03
    assert ((visible == 2).mean(axis=0) > 0.5).all()
