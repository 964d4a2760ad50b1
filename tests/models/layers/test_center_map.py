import numpy as np
import torch

from poseforge.models.layers import center_map


def test_center_map_equals_brute_force():
    size, sigma_px, kernel, stride = (56, 40), 9.0, 9, 8
    centers = np.array([[20.3, 11.8], [60.0, -3.0]])
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    drawn = np.exp(
        -((x - centers[:, 0, None, None]) ** 2 + (y - centers[:, 1, None, None]) ** 2)
        / (2 * sigma_px**2)
    )
    expected = np.zeros((2, 1, 5, 7))
    for row in range(5):
        for column in range(7):
            window = drawn[:, row * stride :, column * stride :][:, :kernel, :kernel]
            expected[:, 0, row, column] = window.mean((1, 2))
    maps = center_map(torch.from_numpy(centers), size, sigma_px, kernel=kernel, stride=stride)
    np.testing.assert_allclose(maps.numpy(), expected, atol=1e-6)


def test_an_input_of_368_has_46_cells():
    for length in (64, 256, 368):
        maps = center_map(torch.zeros(1, 2), (length, length), 21.0, kernel=9, stride=8)
        assert maps.shape == (1, 1, length // 8, length // 8)
