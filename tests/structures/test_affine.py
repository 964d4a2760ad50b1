import numpy as np
import pytest
import torch

from poseforge.structures import affine

RNG = np.random.default_rng(3)
POINTS = RNG.uniform(-50, 400, size=(20, 2))


def matrices():
    return [
        affine.identity(),
        affine.crop_matrix(np.array([100.0, 70.0]), 150.0, (192, 256)),
        affine.crop_matrix(np.array([-10.0, 33.5]), 80.0, (256, 256), rotation_deg=37.0),
        affine.crop_matrix(np.array([10.0, 20.0]), 300.0, (64, 48), rotation_deg=-170.0),
        affine.stretch_matrix((320, 240), (128, 200)),
        affine.mirror_matrix(101),
    ]


@pytest.mark.parametrize("matrix", matrices())
def test_invert_takes_points_back(matrix):
    there = affine.apply(matrix, POINTS)
    np.testing.assert_allclose(affine.apply(affine.invert(matrix), there), POINTS, atol=1e-9)


@pytest.mark.parametrize("matrix", matrices())
def test_apply_equals_the_sum_written_out(matrix):
    for x, y in POINTS[:3]:
        expected = [
            matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2],
            matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2],
        ]
        np.testing.assert_allclose(affine.apply(matrix, np.array([x, y])), expected)


def test_compose_applies_first_then_second():
    first, second = matrices()[2], matrices()[4]
    expected = affine.apply(second, affine.apply(first, POINTS))
    np.testing.assert_allclose(affine.apply(affine.compose(second, first), POINTS), expected)


def test_mirror_keeps_pixel_centres_and_is_its_own_inverse():
    mirror = affine.mirror_matrix(5)
    edges = affine.apply(mirror, np.array([[0.0, 1.0], [4.0, 1.0], [2.0, 1.0]]))
    np.testing.assert_array_equal(edges, [[4, 1], [0, 1], [2, 1]])
    np.testing.assert_array_equal(affine.compose(mirror, mirror), affine.identity())


def test_crop_maps_the_squares_middle_and_corners():
    matrix = affine.crop_matrix(np.array([50.0, 60.0]), 100.0, (200, 300))
    # The shorter side, 200, holds the 100 px: scale 2 about the middle (99.5, 149.5).
    np.testing.assert_allclose(affine.apply(matrix, np.array([50.0, 60.0])), [99.5, 149.5])
    np.testing.assert_allclose(affine.apply(matrix, np.array([0.0, 60.0])), [-0.5, 149.5])
    np.testing.assert_allclose(affine.apply(matrix, np.array([50.0, 70.0])), [99.5, 169.5])


def test_positive_rotation_turns_the_picture_clockwise():
    matrix = affine.crop_matrix(np.array([0.0, 0.0]), 11.0, (11, 11), rotation_deg=90.0)
    right_of_middle = affine.apply(matrix, np.array([3.0, 0.0]))
    np.testing.assert_allclose(right_of_middle, [5.0, 8.0])  # on a screen, y grows downwards


def test_stretch_makes_outer_pixel_edges_coincide():
    matrix = affine.stretch_matrix((4, 10), (8, 5))
    edges = affine.apply(matrix, np.array([[-0.5, -0.5], [3.5, 9.5]]))
    np.testing.assert_allclose(edges, [[-0.5, -0.5], [7.5, 4.5]])


def test_apply_inverse_equals_numpy_invert():
    stack = np.stack(matrices())
    points = RNG.uniform(0, 256, size=(len(stack), 14, 2))
    expected = np.stack(
        [affine.apply(affine.invert(m), p) for m, p in zip(stack, points, strict=True)]
    )
    found = affine.apply_inverse(torch.from_numpy(stack), torch.from_numpy(points))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-8)


def test_a_rectangle_fits_whole_into_a_crop_of_another_shape():
    extent = np.array([10.0, 40.0])
    matrix = affine.crop_matrix(np.array([50.0, 60.0]), extent, (192, 256))
    corners = np.array([[45.0, 40.0], [55.0, 80.0]])
    np.testing.assert_allclose(affine.apply(matrix, corners), [[63.5, -0.5], [127.5, 255.5]])
    line = affine.crop_matrix(np.array([50.0, 60.0]), np.array([0.0, 64.0]), (192, 256))
    assert line[0, 0] == 4.0


@pytest.mark.parametrize("extent", [0.0, -3.0, float("nan"), np.array([5.0, -1.0])])
def test_crop_refuses_an_extent_that_is_no_length(extent):
    with pytest.raises(ValueError, match="extent"):
        affine.crop_matrix(np.zeros(2), extent, (64, 64))


def test_invert_refuses_a_collapsed_map():
    with pytest.raises(ValueError, match="no inverse"):
        affine.invert(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]]))
