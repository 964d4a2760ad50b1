import pytest
import torch

from poseforge.models.losses import HeatmapMSE, MaskedMSE


def test_whole_maps_are_the_heatmap_loss():
    torch.manual_seed(0)
    outputs, targets = torch.rand(2, 3, 4, 5), torch.rand(2, 3, 4, 5)
    maps = torch.tensor([[1.0, 0, 1], [0, 1, 1]])
    weights = maps[..., None, None].expand(2, 3, 4, 5)
    for reduction in ("mean", "sum"):
        expected = HeatmapMSE(reduction=reduction, scale=3.0)(outputs, targets, maps)
        found = MaskedMSE(reduction=reduction, scale=3.0)(outputs, targets, weights)
        torch.testing.assert_close(found, expected)


def test_cells_of_weight_zero_neither_count_nor_learn():
    outputs = torch.zeros(1, 1, 2, 2, requires_grad=True)
    weights = torch.tensor([[[[1.0, 0], [0, 0]]]])
    loss = MaskedMSE()(outputs, torch.full((1, 1, 2, 2), 2.0), weights)
    loss.backward()
    assert loss.item() == 1
    assert torch.equal(outputs.grad != 0, weights > 0)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="reduction='max'"):
        MaskedMSE(reduction="max")
    with pytest.raises(ValueError, match="codec encodes targets"):
        MaskedMSE()(torch.zeros(1, 2, 3, 3), torch.zeros(1, 1, 3, 3), torch.zeros(1, 1, 3, 3))
