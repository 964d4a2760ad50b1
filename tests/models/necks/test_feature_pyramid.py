import pytest
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


def test_blocks_begin_as_a_neck_without_them_and_reach_as_far_as_their_convolutions():
    torch.manual_seed(0)
    neck = FeaturePyramid((2, 3), width=4, blocks=2).eval()
    features = [torch.rand(1, 2, 16, 16), torch.rand(1, 3, 8, 8)]
    plain = FeaturePyramid((2, 3), width=4)
    plain.load_state_dict({k: v for k, v in neck.state_dict().items() if "laterals" in k})
    (begun,), (expected,) = neck(features), plain(features)
    assert torch.equal(begun, expected)
    for module in neck.blocks.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
    features[0].requires_grad_(True)
    neck(features)[0][0, :, 8, 8].sum().backward()
    rows = features[0].grad.abs().sum(dim=(0, 1, 3)).nonzero()
    assert (rows.min(), rows.max()) == (4, 12)  # four 3 × 3 convolutions: 4 cells each way
    with pytest.raises(ValueError, match="blocks=-1; give 0"):
        FeaturePyramid((2, 3), width=4, blocks=-1)
