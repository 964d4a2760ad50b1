"""Objects before people: bars, boxes, balls and foliage, as rectangles and ellipses of the picture.

They are nearer to the camera than anyone, so a joint inside one is hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.draws import Draws
from poseforge.structures.affine import Floats

NUM_SHAPES = 5
KINDS = ("none", "bar", "box", "ball", "foliage")


@dataclass(frozen=True)
class Objects:
    """Up to five shapes before each of N people.

    Attributes:
        kind: (N,) rows of KINDS.
        center: (N, 5, 2) pixels.
        half: (N, 5, 2) half axes, pixels; 0 where there is no shape.
        angle: (N, 5) radians, clockwise on the screen.
    """

    kind: NDArray[np.intp]
    center: Floats
    half: Floats
    angle: Floats

    @property
    def is_round(self) -> NDArray[np.bool_]:
        """(N,) whether the shapes are ellipses."""
        return self.kind >= KINDS.index("ball")

    def cover(self, points: Floats) -> NDArray[np.bool_]:
        """Say which points (N, K, 2) lie behind a shape, (N, K)."""
        away = points[:, :, None] - self.center[:, None]  # (N, K, 5, 2)
        cos, sin = np.cos(self.angle)[:, None], np.sin(self.angle)[:, None]
        half = np.maximum(self.half, 1e-6)[:, None]
        u = np.abs(away[..., 0] * cos + away[..., 1] * sin) / half[..., 0]
        v = np.abs(away[..., 1] * cos - away[..., 0] * sin) / half[..., 1]
        is_round = self.is_round[:, None, None]
        inside = np.where(is_round, u * u + v * v, np.maximum(u, v)) < 1
        covered: NDArray[np.bool_] = inside.any(axis=-1)
        return covered


def sample_objects(draws: Draws, points: Floats, size: int) -> Objects:
    """Draw objects that stand before some of the people.

    Args:
        draws: Of N people.
        points: (N, P, 2) points of the people, pixels.
        size: Side of the picture, pixels.
    """
    kind = draws.pick([0.70, 0.09, 0.10, 0.06, 0.05])
    numbers = draws.columns(5 * NUM_SHAPES).reshape(-1, NUM_SHAPES, 5)
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    center = low + (high - low) * numbers[..., :2]
    a, b = numbers[..., 2] * size, numbers[..., 3] * size
    angle = (numbers[..., 4] - 0.5) * 0.6
    angle[:, 1:] += np.where(kind == KINDS.index("foliage"), 3.0, 0.0)[:, None] * numbers[:, 1:, 0]
    options = [
        np.zeros((*a.shape, 2)),
        np.stack([0.012 * size + 0.03 * a, np.full_like(a, 2.0 * size)], axis=-1),
        np.stack([0.07 * size + 0.14 * a, 0.06 * size + 0.12 * b], axis=-1),
        np.stack([0.06 * size + 0.09 * a] * 2, axis=-1),
        np.stack([0.08 * size + 0.10 * a, 0.03 * size + 0.04 * b], axis=-1),
    ]
    half = np.choose(kind[:, None, None], options)
    upright = (kind == KINDS.index("bar")) & (numbers[:, 0, 0] < 0.4)
    angle[upright] += np.pi / 2
    count = np.array([0, 1, 1, 1, NUM_SHAPES])[kind]
    half = np.where(np.arange(NUM_SHAPES)[:, None] < count[:, None, None], half, 0)
    return Objects(kind, center, half, angle)
