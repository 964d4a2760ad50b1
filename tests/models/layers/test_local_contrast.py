import math

import pytest
import torch

from poseforge.models.layers import LocalContrastNorm


def by_loops(image, side):
    """The published formula, pixel by pixel, on a list of channels of rows."""
    channels, height, width = len(image), len(image[0]), len(image[0][0])
    radius, sigma = side // 2, side / 4
    places = [(y, x) for y in range(height) for x in range(width)]

    def around(values, y, x):
        total = inside = 0.0
        for p in range(-radius, radius + 1):
            for q in range(-radius, radius + 1):
                if 0 <= y + p < height and 0 <= x + q < width:
                    weight = math.exp(-(p * p + q * q) / (2 * sigma**2))
                    inside += weight
                    total += weight * sum(channel[y + p][x + q] for channel in values) / channels
        return total / inside

    means = {place: around(image, *place) for place in places}
    centred = [
        [[channel[y][x] - means[y, x] for x in range(width)] for y in range(height)]
        for channel in image
    ]
    squares = [[[value**2 for value in row] for row in channel] for channel in centred]
    deviations = {place: math.sqrt(around(squares, *place)) for place in places}
    floor = sum(deviations.values()) / len(places)
    return [
        [
            [channel[y][x] / max(floor, deviations[y, x]) for x in range(width)]
            for y in range(height)
        ]
        for channel in centred
    ]


@pytest.mark.parametrize(("side", "channels"), [(5, 3), (9, 3), (3, 1), (1, 2)])
def test_it_is_the_formula(side, channels):
    images = torch.rand(2, channels, 7, 10, generator=torch.Generator().manual_seed(0))
    images[1, :, :, 5:] *= 0.01  # so that both sides of the maximum are taken
    expected = torch.tensor([by_loops(image, side) for image in images.tolist()])
    torch.testing.assert_close(LocalContrastNorm(side)(images), expected, atol=1e-5, rtol=1e-4)


def test_brightness_and_contrast_are_taken_away():
    images = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    norm = LocalContrastNorm()
    torch.testing.assert_close(norm(0.3 * images + 0.5), norm(images), atol=1e-4, rtol=1e-4)


def test_a_picture_of_one_colour_is_nothing():
    grey = torch.full((2, 3, 16, 16), 128 / 255)
    assert LocalContrastNorm()(grey).abs().max() < 0.01  # of textures it is about 1


def test_half_precision_around_it_changes_nothing():
    images = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    norm = LocalContrastNorm()
    with torch.autocast("cpu", torch.bfloat16):
        under = norm(images)
    assert torch.equal(under, norm(images))


@pytest.mark.parametrize("side", [0, 4])
def test_a_window_has_a_middle(side):
    with pytest.raises(ValueError, match="give an odd number of pixels"):
        LocalContrastNorm(side)
