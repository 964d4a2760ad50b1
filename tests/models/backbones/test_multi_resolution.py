import pytest
import torch
from torch import nn
from torch.nn import functional as F

from poseforge.models.backbones import MultiResolutionBanks


@pytest.mark.parametrize(("stride", "sum_size"), [(4, (60, 80)), (8, (30, 40)), (16, (15, 20))])
def test_sizes_at_320_by_240(stride, sum_size):
    with torch.device("meta"):
        backbone = MultiResolutionBanks(stride=stride)
        features = backbone(torch.empty(1, 3, 240, 320))
    early = [(240, 320), (120, 160), (120, 160), (60, 80), (60, 80), (30, 40)]
    assert [tuple(f.shape) for f in features[:-1]] == [(1, 128, *size) for size in early]
    assert features[-1].shape == (1, 512, *sum_size)


def test_parameters_of_the_paper():
    convolution = 25 * 3 * 128 + 128, 25 * 128 * 128 + 128, 81 * 128 * 512 + 512
    bank = convolution[0] + 2 * convolution[1] + convolution[2]
    with torch.device("meta"):
        counts = {
            stride: sum(p.numel() for p in MultiResolutionBanks(stride=stride).parameters())
            for stride in (4, 8, 16)
        }
    assert counts == dict.fromkeys((4, 8, 16), 3 * bank)
    assert bank == 6_138_112


@pytest.mark.parametrize(("stride", "field"), [(4, 64), (8, 100), (16, 172)])
def test_receptive_field_of_a_bank(stride, field):
    """A pixel that is not a number spoils the cells that see it. 4x: the 64 pixels of NIPS 2014."""
    bank = MultiResolutionBanks(stride=stride, width=1, wide=1).banks[0]
    side = 2 * field // stride * stride
    images = torch.zeros(side, 3, stride, side)
    images[range(side), :, :, range(side)] = torch.nan  # image n has column n spoilt
    spoilt = bank(images)[-1].isnan()[:, 0, 0]  # (images, columns of cells)
    cell = spoilt.shape[1] // 2
    seen = spoilt[:, cell].nonzero()[:, 0]
    assert len(seen) == seen[-1] - seen[0] + 1 == field


@pytest.mark.parametrize("size", [(64, 96), (40, 72), (24, 56)])
def test_the_sum_is_of_enlarged_banks_each_of_its_own_level(size):
    torch.manual_seed(0)
    backbone = MultiResolutionBanks(width=4, wide=6).eval()
    images = torch.rand(2, 3, *size)
    features = backbone(images)
    total = torch.zeros_like(features[-1])
    for level, bank in enumerate(backbone.banks):
        side = 2**level
        padded = F.pad(images, (0, -size[1] % side, 0, -size[0] % side))
        inside = F.pad(torch.ones_like(images), (0, -size[1] % side, 0, -size[0] % side))
        pooled = padded.unfold(2, side, side).unfold(3, side, side).sum((-2, -1))
        pooled = pooled / inside.unfold(2, side, side).unfold(3, side, side).sum((-2, -1))
        first, second, end = bank(backbone.contrast(pooled))
        torch.testing.assert_close(features[2 * level], first, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(features[2 * level + 1], second, atol=1e-4, rtol=1e-4)
        for y in range(total.shape[2]):
            for x in range(total.shape[3]):
                total[:, :, y, x] += end[:, :, y // side, x // side]
    torch.testing.assert_close(features[-1], total, atol=1e-4, rtol=1e-4)


def test_banks_have_weights_of_their_own():
    backbone = MultiResolutionBanks(width=2, wide=2)
    first, second, third = (bank.first[0].weight for bank in backbone.banks)
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


def test_dropout_takes_whole_channels_of_the_sum_and_nothing_else():
    torch.manual_seed(0)
    backbone = MultiResolutionBanks(width=4, wide=64, spatial_dropout=0.5)
    images = torch.rand(2, 3, 32, 32)
    kept = backbone.eval()(images)
    dropped = backbone.train()(images)
    for before, after in zip(kept[:-1], dropped[:-1], strict=True):
        assert torch.equal(before, after)
    is_zero = dropped[-1].flatten(2).abs().amax(2) == 0
    was_zero = kept[-1].flatten(2).abs().amax(2) == 0
    share = (is_zero & ~was_zero).sum() / (~was_zero).sum()
    assert 0.3 < share < 0.7
    torch.testing.assert_close(dropped[-1][~is_zero], 2 * kept[-1][~is_zero])


def test_batch_norm_stands_after_each_convolution():
    modules = list(MultiResolutionBanks(banks=2, width=2, wide=2, batch_norm=True).modules())
    assert sum(isinstance(m, nn.BatchNorm2d) for m in modules) == 2 * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [(dict(stride=32), "stride=32; choose one of 4, 8, 16"), (dict(banks=0), "give 1 or more")],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        MultiResolutionBanks(**options)
