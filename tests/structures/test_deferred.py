import numpy as np

from poseforge.structures import affine
from poseforge.structures.deferred import Deferred

POINTS = np.random.default_rng(0).uniform(0, 90, size=(20, 2))


def test_a_crop_and_its_mirror_move_points_one_after_the_other():
    matrix = affine.crop_matrix(np.array([40.0, 30.0]), 50.0, (64, 48), rotation_deg=25.0)
    plain = Deferred((90, 70), affine.identity()).cropped(matrix, (64, 48), 9.0)
    assert (plain.size, plain.fill) == ((64, 48), 9.0)
    expected = affine.apply(matrix, POINTS)
    np.testing.assert_allclose(affine.apply(plain.warp, POINTS), expected)
    mirrored = plain.mirrored()
    assert (mirrored.size, mirrored.fill) == ((64, 48), 9.0)
    expected[:, 0] = 63 - expected[:, 0]
    np.testing.assert_allclose(affine.apply(mirrored.warp, POINTS), expected)
