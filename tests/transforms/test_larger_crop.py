import numpy as np
import pytest

from poseforge.structures import affine
from poseforge.structures.deferred import Deferred
from poseforge.transforms.larger_crop import larger_crop

WIDTH, HEIGHT = 200, 150
# Every pixel says where it is, and that it is of the image.
X, Y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
IMAGE = np.stack([X, Y, np.full_like(X, 255)], axis=-1).astype(np.uint8)


def seen(center, scale, angle, size, mirrored):
    matrix = affine.crop_matrix(np.array(center), np.array(size) / scale, size, rotation_deg=angle)
    later = Deferred(size, matrix, 7.0)
    later = later.mirrored() if mirrored else later
    return later, *larger_crop(IMAGE, later)


@pytest.mark.parametrize("size", [(32, 32), (24, 40), (40, 24)])
@pytest.mark.parametrize("angle", [0, 45, -33, 90, 180])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("center", [(100, 75), (3.3, 140.2), (-40, -60), (1000, 75)])
def test_all_pixels_that_the_picture_is_made_of_are_in_the_crop(size, angle, mirrored, center):
    """Of each of them: its four neighbours in the image, or the fill where there are none."""
    later, crop, columns, rows = seen(center, 1.1, angle, size, mirrored)
    places = columns + rows[:, None]  # (height, width, 2) crop pixels
    lattice = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), axis=-1)
    truth = affine.apply(affine.invert(later.warp), lattice)  # image pixels
    for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
        x, y = np.floor(truth[..., 0]) + dx, np.floor(truth[..., 1]) + dy
        inside = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
        # The same pixel of the crop: as far from the place as in the image; its border goes on.
        at = np.rint(places + np.stack([x, y], axis=-1) - truth).astype(int)
        column, row = np.moveaxis(np.clip(at, 0, len(crop) - 1), -1, 0)
        found = crop[row, column]
        expected = np.where(inside[..., None], np.stack([x, y, np.full_like(x, 255)], axis=-1), 7.0)
        np.testing.assert_array_equal(found, expected)


def test_one_kind_of_picture_has_crops_of_one_size_at_any_scale_angle_and_place():
    shapes = {
        seen(center, scale, angle, (48, 32), False)[1].shape
        for center in ((90, 70), (0, 0))
        for scale in (0.1, 0.8, 1.0, 4.0)
        for angle in (0, 17, 45)
    }
    assert len(shapes) == 1
    assert shapes.pop()[0] < 1.2 * np.hypot(48, 32)


@pytest.mark.parametrize("angle", [0, 20, 45, 90])
def test_a_picture_as_large_as_in_the_image_is_never_made_twice(angle):
    """Where image and picture have equally many pixels the image's own are sent."""
    _, crop, columns, _ = seen((100, 75), 1.0, angle, (48, 32), False)
    step = columns[1] - columns[0]
    assert np.hypot(*step) == pytest.approx(1, abs=1e-4)
    assert np.degrees(np.arctan2(-step[1], step[0])) == pytest.approx(angle, abs=0.01)
    own = crop[crop[..., 2] == 255]
    assert len(own) > 48 * 32
    assert (np.diff(np.unique(own[:, 0].astype(int))) == 1).all()


def test_an_image_with_many_more_pixels_is_warped_by_the_worker():
    later, crop, columns, rows = seen((100, 75), 0.3, 20, (48, 32), True)
    np.testing.assert_array_equal(columns[:, 0] - columns[0, 0], np.arange(48))
    np.testing.assert_array_equal(rows[:, 1] - rows[0, 1], np.arange(32))
    x, y = (columns[20] + rows[16]).astype(int)
    expected = affine.apply(affine.invert(later.warp), np.array([20.0, 16.0]))
    np.testing.assert_allclose(crop[y, x, :2], expected, atol=0.6)
