import math

import pytest
import torch

from poseforge.models.layers import crop_windows


@pytest.fixture
def feature():
    return torch.rand(2, 3, 12, 15, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("cells", [4, 5])
def test_on_the_cells_it_is_indexing(feature, stride, cells):
    corners = torch.tensor([[[2, 3], [0, 0]], [[10, 7], [5, 1]]])  # (B, K, xy) the first cells
    first = corners * stride + (stride - 1) / 2  # their centres, input pixels
    windows = crop_windows(feature, first + stride * (cells - 1) / 2, cells * stride, stride)
    assert windows.shape == (2, 2, 3, cells, cells)
    for b in range(2):
        for k in range(2):
            x, y = corners[b, k].tolist()
            direct = feature[b, :, y : y + cells, x : x + cells]
            torch.testing.assert_close(windows[b, k], direct)


def bilinear(channel, y, x):
    """One value between the cells; outside is 0."""
    height, width = channel.shape
    total = 0.0
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < height and 0 <= column < width:
                share = (1 - abs(y - row)) * (1 - abs(x - column))
                total += share * float(channel[row, column])
    return total


@pytest.mark.parametrize("middle", [(7.5, 6.0), (6.3, 4.8), (0.2, 11.4), (-3.0, 5.5), (40.0, 3.0)])
def test_between_the_cells_it_is_bilinear_and_outside_it_is_nothing(feature, middle):
    side, stride = 8, 2
    windows = crop_windows(feature, torch.tensor([[middle], [middle]]), side, stride)
    for j in range(4):
        for i in range(4):
            x = (middle[0] - side / 2 + stride * (i + 0.5) - (stride - 1) / 2) / stride
            y = (middle[1] - side / 2 + stride * (j + 0.5) - (stride - 1) / 2) / stride
            for b in range(2):
                expected = [bilinear(channel, y, x) for channel in feature[b]]
                torch.testing.assert_close(
                    windows[b, 0, :, j, i], torch.tensor(expected), atol=1e-5, rtol=0
                )


def test_far_outside_is_zero(feature):
    assert not crop_windows(feature, torch.full((2, 1, 2), -100.0), 8, 2).any()


def test_all_strides_see_the_same_part_of_the_input():
    """A ramp over the input, shown at each stride: the windows' means are the point itself."""
    x = torch.arange(64.0)
    for stride, middles in ((1, 20.3), (2, 31.0), (4, 33.7)):
        ramp = x.view(-1, stride).mean(1).expand(1, 1, 64 // stride, -1)
        windows = crop_windows(ramp, torch.tensor([[[middles, 30.0]]]), 16, stride)
        assert windows.shape[-1] == 16 // stride
        assert windows.mean().item() == pytest.approx(middles, abs=1e-4)


def test_gradients_reach_the_feature_and_not_the_points(feature):
    feature.requires_grad_()
    middles = torch.full((2, 1, 2), 6.5, requires_grad=True)
    crop_windows(feature, middles, 4, 1).sum().backward()
    expected = torch.zeros(12, 15)
    expected[5:9, 5:9] = 1
    torch.testing.assert_close(feature.grad, expected.expand_as(feature))
    assert middles.grad is None


def test_places_are_not_rounded_in_half_precision():
    wide = torch.arange(256.0).expand(1, 1, 8, 256).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        windows = crop_windows(wide, torch.tensor([[[201.25, 4.0]]]), 2, 1)
    assert windows[0, 0, 0, 0].tolist() == pytest.approx([200.75, 201.75], abs=1e-3)


def test_many_windows_cost_one_operation(feature):
    middles = torch.rand(2, 40, 2) * 10
    with torch.profiler.profile() as profile:
        crop_windows(feature, middles, 4, 1)
    calls = {event.key: event.count for event in profile.key_averages()}
    assert calls["aten::grid_sampler"] == 1
