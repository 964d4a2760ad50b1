import colorsys

import numpy as np
import pytest

from poseforge.transforms import Blur, ColorJitter
from poseforge.transforms.photometric import LUMA, color_matrix

COLORS = np.random.default_rng(1).uniform(60, 190, size=(50, 3))


def apply(matrix, colors):
    return colors @ matrix[:, :3].T + matrix[:, 3]


def test_no_change_is_the_identity():
    np.testing.assert_allclose(apply(color_matrix(1, 1, 1, 0), COLORS), COLORS)


def test_brightness_multiplies():
    np.testing.assert_allclose(apply(color_matrix(1.2, 1, 1, 0), COLORS), 1.2 * COLORS)


def test_contrast_scales_the_distance_from_mid_grey():
    expected = 127.5 + 0.6 * (COLORS - 127.5)
    np.testing.assert_allclose(apply(color_matrix(1, 0.6, 1, 0), COLORS), expected)


def test_saturation_zero_is_the_grey_of_equal_brightness():
    grey = apply(color_matrix(1, 1, 0, 0), COLORS)
    np.testing.assert_allclose(grey, np.repeat((COLORS @ LUMA)[:, None], 3, axis=1))


def test_hue_turns_like_the_standard_librarys_yiq():
    turned = apply(color_matrix(1, 1, 1, 90), COLORS)
    for before, after in zip(COLORS, turned, strict=True):
        y, i, q = colorsys.rgb_to_yiq(*(before / 255))
        found = colorsys.rgb_to_yiq(*(after / 255))
        # The standard library rounds its coefficients to two digits.
        np.testing.assert_allclose(found, (y, -q, i), atol=0.02)


def test_picture_equals_the_matrix_by_hand(sample):
    transform = ColorJitter(0.4, 0.4, 0.4, 30)
    rng = np.random.default_rng(5)
    factors = 1 + 0.4 * rng.uniform(-1, 1, size=3)
    matrix = color_matrix(*factors, 30 * rng.uniform(-1, 1))
    changed = transform(sample, np.random.default_rng(5))["image"]
    expected = np.clip(apply(matrix, sample["image"].astype(float)), 0, 255)
    np.testing.assert_allclose(changed, expected, atol=1.0)
    assert changed.dtype == np.uint8


def test_zero_strength_changes_nothing(sample, rng):
    np.testing.assert_array_equal(ColorJitter(0, 0, 0, 0)(sample, rng)["image"], sample["image"])


def test_blur_keeps_the_mean_and_lowers_the_variance(sample, rng):
    sample["image"] = rng.integers(256, size=(64, 64, 3), dtype=np.uint8)
    blurred = Blur(1.0, (1.0, 1.5))(sample, rng)["image"]
    assert abs(blurred.mean() - sample["image"].mean()) < 1.5
    assert blurred.std() < 0.4 * sample["image"].std()


def test_blur_of_a_dot_is_a_gaussian(sample, rng):
    image = np.zeros((41, 41, 3), np.uint8)
    image[20, 20] = 255
    blurred = Blur(1.0, (1.2, 1.2))({**sample, "image": image}, rng)["image"]
    peak = 255 / (2 * np.pi * 1.2**2)
    assert abs(blurred[20, 20, 0] - peak) < 2
    assert abs(blurred[20, 22, 0] - peak * np.exp(-(2**2) / (2 * 1.2**2))) < 2


def test_blur_probability_zero_is_the_same_sample(sample, rng):
    assert Blur(0.0)(sample, rng) is sample


@pytest.mark.parametrize(
    "make",
    [
        lambda: ColorJitter(brightness=1.5),
        lambda: ColorJitter(hue_deg=-1),
        lambda: Blur(2.0),
        lambda: Blur(0.5, (0, 1)),
    ],
)
def test_wrong_arguments_are_refused(make):
    with pytest.raises(ValueError, match="give"):
        make()
