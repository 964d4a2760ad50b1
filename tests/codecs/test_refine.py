import math

import numpy as np
import pytest
import torch

from poseforge.codecs.refine import argmax, dark, quarter


def gaussian(truth: torch.Tensor, sigma: float, length: int = 36) -> torch.Tensor:
    """Return (..., length): a Gaussian's values in a row of cells."""
    return torch.exp(-((truth[..., None] - torch.arange(length)) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("size", [(64, 48), (46, 46), (7, 5), (1, 1)])
def test_of_equally_high_cells_the_first_is_taken(size: tuple[int, int]):
    maps = torch.randint(-3, 3, (4, 50, *size), generator=torch.Generator().manual_seed(0)).float()
    expected = np.unravel_index(maps.flatten(-2).numpy().argmax(-1), size)
    for given in (maps, maps.to(memory_format=torch.channels_last)):
        cells, scores = argmax(given, 1.0)
        np.testing.assert_array_equal(cells.numpy(), np.stack(expected[::-1], axis=-1))
        assert torch.equal(scores, maps.amax((-2, -1)))


def test_argmax_takes_the_highest_cell():
    maps = torch.zeros(1, 2, 3, 4)
    maps[0, 0, 2, 1] = 0.5
    maps[0, 1, 0, 3] = 0.25
    cells, scores = argmax(maps, 1.0)
    assert cells.tolist() == [[[1, 2], [3, 0]]]
    assert scores.tolist() == [[0.5, 0.25]]


def test_quarter_by_hand():
    maps = torch.tensor(
        [
            [0.0, 0.0, 0.0, 0.0],
            [0.0, 0.3, 1.0, 0.2],  # the left neighbour is higher: x = 2 - 0.25
            [0.0, 0.0, 0.4, 0.0],  # the lower one is higher: y = 1 + 0.25
        ]
    )[None, None]
    assert quarter(maps, 1.0)[0].tolist() == [[[1.75, 1.25]]]


@pytest.mark.parametrize("row", [0, 2])
@pytest.mark.parametrize("column", [0, 3])
def test_quarter_leaves_the_border_alone(row, column):
    maps = torch.rand(1, 1, 3, 4, generator=torch.Generator().manual_seed(0))
    maps[0, 0, row, column] = 2
    assert quarter(maps, 1.0)[0].tolist() == [[[column, row]]]


@pytest.mark.parametrize("sigma", [0.8, 1.5, 3.0])
def test_dark_finds_the_top_of_a_gaussian_between_cells(sigma):
    torch.manual_seed(0)
    truth = torch.rand(8, 5, 2) * 20 + 14
    x, y = (gaussian(truth[..., i], sigma, 48) for i in (0, 1))
    maps = 0.7 * y[..., :, None] * x[..., None, :]
    cells, scores = dark(maps, sigma)
    torch.testing.assert_close(cells, truth, atol=0.006, rtol=0)
    assert torch.equal(scores, maps.amax((-2, -1)))


def test_dark_finds_the_top_of_a_slanted_gaussian():
    # A Gaussian with correlated axes: its logarithm is quadratic too, so the step is exact.
    truth, inverse = torch.tensor([20.3, 21.8]), torch.tensor([[0.16, 0.05], [0.05, 0.08]])
    y, x = torch.meshgrid(torch.arange(41.0), torch.arange(41.0), indexing="ij")
    away = torch.stack([x, y], dim=-1) - truth
    maps = torch.exp(-0.5 * torch.einsum("hwi,ij,hwj->hw", away, inverse, away))[None, None]
    torch.testing.assert_close(dark(maps, 1.5)[0][0, 0], truth, atol=0.01, rtol=0)


def test_dark_is_the_released_step_on_a_fully_blurred_map():
    # Noise has no closed form: compare with the release's formulas, second derivatives over two
    # cells, on a map blurred by a convolution.
    torch.manual_seed(0)
    maps, sigma, radius = torch.rand(1, 1, 24, 24), 1.2, 3
    maps[0, 0, 11, 13] = 3
    line = torch.exp(-(torch.arange(-radius, radius + 1.0) ** 2) / (2 * sigma**2))
    kernel = (line[:, None] * line)[None, None]
    logs = torch.nn.functional.conv2d(maps, kernel, padding=radius)[0, 0].log().double()
    around = logs[9:14, 11:16]
    gradient = torch.stack([around[2, 3] - around[2, 1], around[3, 2] - around[1, 2]]) / 2
    mixed = (around[3, 3] - around[3, 1] - around[1, 3] + around[1, 1]) / 4
    xx = (around[2, 4] - 2 * around[2, 2] + around[2, 0]) / 4
    yy = (around[4, 2] - 2 * around[2, 2] + around[0, 2]) / 4
    hessian = torch.stack([torch.stack([xx, mixed]), torch.stack([mixed, yy])])
    expected = torch.tensor([13.0, 11.0]) - torch.linalg.solve(hessian, gradient)
    assert math.ceil(2.5 * sigma) == radius
    torch.testing.assert_close(dark(maps, sigma)[0][0, 0].double(), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("sigma", [0.8, 2.0, 3.0])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_border_does_not_pull_a_dark_point_inward(sigma: float, axis: int):
    torch.manual_seed(0)
    truth = torch.rand(50, 4, 2) * 10 + 12
    truth[..., axis] = torch.rand(50, 4) * 3 * sigma + 0.51  # the highest cell is not the first
    truth[25:, :, axis] = 35 - truth[25:, :, axis]
    x, y = (gaussian(truth[..., i], sigma) for i in (0, 1))
    maps = y[..., :, None] * x[..., None, :]
    torch.testing.assert_close(dark(maps, sigma)[0], truth, atol=0.01, rtol=0)


def test_dark_leaves_only_the_axis_alone_on_which_the_highest_cell_is_the_first():
    x, y = gaussian(torch.tensor([0.3]), 2.0), gaussian(torch.tensor([17.4]), 2.0)
    found, _ = dark((y[..., :, None] * x[..., None, :])[None], 2.0)
    torch.testing.assert_close(found, torch.tensor([[[0.0, 17.4]]]), atol=0.001, rtol=0)


def test_dark_stays_at_the_cell_where_there_is_no_top():
    maps = torch.zeros(1, 3, 6, 6)
    maps[0, 0] = 1.0  # flat
    maps[0, 1] = -1.0  # below zero everywhere
    maps[0, 2, 0, 5] = 1.0  # in a corner
    assert dark(maps, 1.0)[0].tolist() == [[[0, 0], [0, 0], [5, 0]]]
