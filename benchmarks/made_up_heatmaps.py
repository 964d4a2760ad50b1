"""Made-up keypoints and heatmaps: the same arrays for every side of a comparison.

Cells are centred on multiples of the stride, as MMPose's are.
"""

import numpy as np
from numpy.typing import NDArray

INPUT, STRIDE, SIGMA = (192, 256), 4, 2  # pixels, pixels a cell, cells
KEYPOINTS = 17
Arrays = dict[str, NDArray[np.float32]]


def made_up(people: int, margin: float, noise: float = 0.01) -> Arrays:
    """Return keypoints and heatmaps as a network gives them.

    Args:
        people: How many (B).
        margin: Cells that the points stay away from the border.
        noise: Standard deviation of what is added to every cell.

    Returns:
        `keypoints` (B, 17, 2), pixels, and `maps` (B, 17, 64, 48) with peaks of 0.3 to 1.
    """
    rng = np.random.default_rng(0)
    cells = np.array(INPUT) // STRIDE
    points = margin + rng.random((people, KEYPOINTS, 2)) * (cells - 1 - 2 * margin)
    maps = noise * rng.standard_normal((people, KEYPOINTS, *cells[::-1]))
    maps += rng.uniform(0.3, 1, (people, KEYPOINTS, 1, 1)) * gaussians(points)
    return {
        "keypoints": (points * STRIDE).astype(np.float32),
        "maps": maps.astype(np.float32),
    }


def near_border(people: int) -> Arrays:
    """Return clean heatmaps of points that are half to two sigma from the left border."""
    rng = np.random.default_rng(1)
    points = rng.uniform(SIGMA / 2, 2 * SIGMA, (people, KEYPOINTS, 2))
    points[..., 1] += INPUT[1] / STRIDE / 2
    return {
        "keypoints": (points * STRIDE).astype(np.float32),
        "maps": gaussians(points).astype(np.float32),
    }


def gaussians(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Gaussians with peak 1 around points (B, K, 2), cells: (B, K, H, W)."""
    x, y = (
        np.exp(-((points[..., i, None] - np.arange(side // STRIDE)) ** 2) / (2 * SIGMA**2))
        for i, side in enumerate(INPUT)
    )
    return y[..., :, None] * x[..., None, :]
