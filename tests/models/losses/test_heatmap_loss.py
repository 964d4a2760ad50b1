import numpy as np
import pytest
import torch

from poseforge.models.losses import HeatmapMSE


@pytest.fixture
def maps():
    torch.manual_seed(0)
    outputs, targets = torch.randn(2, 2, 3, 4, 5)
    weights = torch.tensor([[1.0, 0, 1], [1, 1, 0]])
    return outputs, targets, weights


def by_hand(outputs, targets, weights):
    total = 0.0
    for b, c in np.ndindex(*weights.shape):
        total += float(weights[b, c]) * float(((outputs[b, c] - targets[b, c]) ** 2).sum())
    return total


def test_formula(maps):
    total = by_hand(*maps)
    assert float(HeatmapMSE()(*maps)) == pytest.approx(total / (2 * 3 * 4 * 5))
    assert float(HeatmapMSE(reduction="sum")(*maps)) == pytest.approx(total / 4)
    assert float(HeatmapMSE(reduction="sum", scale=2)(*maps)) == pytest.approx(total / 2)


def test_weight_zero_changes_neither_loss_nor_gradient(maps):
    outputs, targets, weights = maps
    gradients, losses = [], []
    for shift in (0.0, 100.0):
        leaf = (outputs + shift * (weights == 0)[..., None, None]).requires_grad_()
        loss = HeatmapMSE()(leaf, targets, weights)
        loss.backward()
        losses.append(loss.item())
        gradients.append(leaf.grad)
    assert losses[0] == losses[1]
    assert torch.equal(*gradients)
    assert not gradients[0][weights == 0].any()
    assert gradients[0][weights == 1].any(dim=-1).all()


def test_mean_over_halves_is_the_mean_over_all(maps):
    halves = [HeatmapMSE()(*(tensor[i : i + 1] for tensor in maps)) for i in (0, 1)]
    torch.testing.assert_close(sum(halves) / 2, HeatmapMSE()(*maps))


def test_refuses(maps):
    outputs, targets, weights = maps
    with pytest.raises(ValueError, match="choose one of mean, sum"):
        HeatmapMSE(reduction="none")
    with pytest.raises(ValueError, match=r"outputs \(2, 1, 4, 5\) .* targets \(2, 3, 4, 5\)"):
        HeatmapMSE()(outputs[:, :1], targets, weights)


def test_weights_of_cells_that_are_whole_maps_are_weights_of_maps(maps):
    outputs, targets, weights = maps
    cells = weights[..., None, None].expand(2, 3, 4, 5)
    for loss in (HeatmapMSE(scale=3.0), HeatmapMSE(reduction="sum")):
        torch.testing.assert_close(loss(outputs, targets, cells), loss(*maps))


def test_cells_of_weight_zero_neither_count_nor_learn():
    outputs = torch.zeros(1, 1, 2, 2, requires_grad=True)
    weights = torch.tensor([[[[1.0, 0], [0, 0]]]])
    loss = HeatmapMSE()(outputs, torch.full((1, 1, 2, 2), 2.0), weights)
    loss.backward()
    assert loss.item() == 1
    assert torch.equal(outputs.grad != 0, weights > 0)
