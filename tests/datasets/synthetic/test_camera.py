import numpy as np

from poseforge.datasets.synthetic import body
from poseforge.datasets.synthetic.camera import Lens, View
from poseforge.datasets.synthetic.draws import rows
from poseforge.datasets.synthetic.geometry import pose_people


def test_projection_of_a_known_point():
    facing = np.diag([1.0, -1.0, -1.0])[None]
    view = View(facing, np.array([[0.0, 1.0, 0.0]]), np.array([4.0]))
    lens = Lens(np.array([200.0]), np.array([[50.0, 60.0]]))
    # 0.5 to the person's left, 0.25 above the target, 1 towards the camera: depth 3.
    pixels = lens.project(view.to_camera(np.array([[[0.5, 1.25, 1.0]]])))
    np.testing.assert_allclose(pixels[0, 0], [50 + 200 * 0.5 / 3, 60 - 200 * 0.25 / 3])


def test_views_are_rigid_and_mirror_nobody():
    rotation = pose_people(rows(0, range(200)), 128).view.rotation
    identity = np.broadcast_to(np.eye(3), rotation.shape)
    np.testing.assert_allclose(rotation @ np.swapaxes(rotation, 1, 2), identity, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(rotation), 1)


def test_people_are_seen_from_all_sides():
    rotation = pose_people(rows(0, range(800)), 128).view.rotation
    ahead = rotation[:, :, 2]  # the people's forwards, in the camera's frame
    octant = ((np.arctan2(ahead[:, 0], -ahead[:, 2]) / (np.pi / 4)) % 8).astype(int)
    assert (np.bincount(octant, minlength=8) > 60).all()


def test_people_fill_the_picture_as_promised():
    size = 160
    pixels = pose_people(rows(7, range(1000)), size).pixels
    extent = (pixels.max(axis=1) - pixels.min(axis=1)).max(axis=1) / size
    assert ((extent > 0.55) & (extent < 0.88)).mean() > 0.9
    assert extent.max() < 1.25


def test_left_is_the_persons_own_left():
    geometry = pose_people(rows(0, range(500)), 128)
    upright = geometry.frames.rotation[:, 0, 1, 1] > 0.8
    toward = geometry.view.rotation[:, 2, 2] < -0.8
    level = geometry.view.rotation[:, 1, 1] < -0.8
    seen = upright & toward & level
    left, right = (
        geometry.pixels[seen, body.POINT_NAMES.index(name), 0] for name in ("left_hip", "right_hip")
    )
    # Facing the camera, the left hip is on the right of the picture.
    assert seen.sum() > 20
    assert (left > right).mean() > 0.9
