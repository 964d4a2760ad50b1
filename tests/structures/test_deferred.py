import numpy as np

from poseforge.structures import affine
from poseforge.structures.deferred import Deferred

POINTS = np.random.default_rng(0).uniform(0, 90, size=(20, 2))


def test_a_mirrored_picture_moves_points_to_the_other_side():
    matrix = affine.crop_matrix(np.array([40.0, 30.0]), 50.0, (64, 48), rotation_deg=25.0)
    mirrored = Deferred((64, 48), matrix, 9.0).mirrored()
    expected = affine.apply(matrix, POINTS)
    assert (mirrored.size, mirrored.fill) == ((64, 48), 9.0)
    expected[:, 0] = 63 - expected[:, 0]
    np.testing.assert_allclose(affine.apply(mirrored.warp, POINTS), expected)
