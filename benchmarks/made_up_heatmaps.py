"""Made-up keypoints and heatmaps: the same arrays for every side of a comparison.

Cells are centred on multiples of the stride, as MMPose's are.
"""

import numpy as np
from numpy.typing import NDArray

INPUT, STRIDE, SIGMA = (192, 256), 4, 2  # pixels, pixels a cell, cells
KEYPOINTS = 17
NOISE = 0.01  # its standard deviation
Arrays = dict[str, NDArray[np.float32]]


def anywhere(people: int, margin: float) -> Arrays:
    """Return `made_up` points (B people) that stay `margin` cells away from the border."""
    rng = np.random.default_rng(0)
    cells = np.array(INPUT) // STRIDE
    return made_up(margin + rng.random((people, KEYPOINTS, 2)) * (cells - 1 - 2 * margin))


def near_border(people: int) -> Arrays:
    """Return `made_up` points (B people) that are half to two sigma from the left border."""
    points = np.random.default_rng(1).uniform(SIGMA / 2, 2 * SIGMA, (people, KEYPOINTS, 2))
    points[..., 1] += INPUT[1] / STRIDE / 2
    return made_up(points)


def made_up(points: NDArray[np.float64]) -> Arrays:
    """Return heatmaps as a network gives them: peaks of 0.3 to 1, and noise in every cell.

    Args:
        points: (B, 17, 2) cells.

    Returns:
        `keypoints`, the points in pixels, and `maps` (B, 17, 64, 48).
    """
    rng = np.random.default_rng(2)
    maps = rng.uniform(0.3, 1, (*points.shape[:2], 1, 1)) * gaussians(points)
    maps += NOISE * rng.standard_normal(maps.shape)
    return {
        "keypoints": (points * STRIDE).astype(np.float32),
        "maps": maps.astype(np.float32),
    }


def gaussians(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Gaussians with peak 1 around points (B, K, 2), cells: (B, K, H, W)."""
    x, y = (
        np.exp(-((points[..., i, None] - np.arange(side // STRIDE)) ** 2) / (2 * SIGMA**2))
        for i, side in enumerate(INPUT)
    )
    return y[..., :, None] * x[..., None, :]
