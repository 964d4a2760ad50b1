import torch

from poseforge.models.necks import FeaturePyramid


def test_the_coarse_is_spread_over_the_fine():
    neck = FeaturePyramid((1, 1, 1), width=1)
    for lateral, factor in zip(neck.laterals, (1.0, 10.0, 100.0), strict=True):
        torch.nn.init.constant_(lateral.weight, factor)
        torch.nn.init.zeros_(lateral.bias)
    fine, middle, coarse = torch.rand(1, 1, 6, 8), torch.rand(1, 1, 3, 4), torch.rand(1, 1, 2, 2)
    (feature,) = neck([fine, middle, coarse])
    assert feature.shape == fine.shape
    for y, x in ((0, 0), (5, 7), (3, 4)):
        below = coarse[0, 0, (y // 2) * 2 // 3, (x // 2) * 2 // 4]  # its cell, by whole numbers
        expected = fine[0, 0, y, x] + 10 * middle[0, 0, y // 2, x // 2] + 100 * below
        torch.testing.assert_close(feature[0, 0, y, x], expected)


def test_features_finer_than_it_has_channels_for_are_left_out():
    neck = FeaturePyramid((2, 3), width=4)
    finest, fine, coarse = torch.rand(1, 1, 8, 8), torch.rand(1, 2, 4, 4), torch.rand(1, 3, 2, 2)
    (feature,), (expected,) = neck([finest, fine, coarse]), neck([fine, coarse])
    assert feature.shape == (1, 4, 4, 4)
    assert torch.equal(feature, expected)
