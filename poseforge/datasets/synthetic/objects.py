"""Objects before people: bars, boxes, balls and foliage, as rectangles and ellipses of the picture.

They are nearer to the camera than anyone, so a joint inside one is hidden.
"""

from dataclasses import dataclass, fields

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

    def of(self, people: NDArray[np.integer]) -> "Objects":
        """Return what stands before some of the people, in a given order."""
        values = (getattr(self, column.name) for column in fields(self))
        return Objects(*(value[people] for value in values))

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
        reach = np.where(is_round, u * u + v * v, np.maximum(u, v)).min(axis=-1)
        covered: NDArray[np.bool_] = np.less(reach, 1)
        return covered


def sample_objects(draws: Draws, points: Floats, size: int) -> Objects:
    """Draw objects that stand before some of the people.

    Args:
        draws: Of N people.
        points: (N, P, 2) points of the people, pixels.
        size: Side of the picture, pixels.
    """
    kind = draws.pick([0.70, 0.09, 0.10, 0.06, 0.05])
    numbers = draws.columns(5 * NUM_SHAPES).reshape(-1, NUM_SHAPES, 5).copy()
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    center = low + (high - low) * numbers[..., :2]
    angle = (numbers[..., 4] - 0.5) * 0.6
    angle += _TURNS[kind][:, None] * (numbers[..., 0] + numbers[..., 1])
    upright = (kind == KINDS.index("bar")) & (numbers[:, 0, 0] < 0.4)
    angle[upright] += np.pi / 2
    share = numbers[..., 2:4]
    share[kind == KINDS.index("ball"), :, 1] = share[kind == KINDS.index("ball"), :, 0]
    half = size * (_LEAST[kind][:, None] + _SPREAD[kind][:, None] * share)
    half *= (_COUNTS[kind][:, None] > _SHAPES)[..., None]
    return Objects(kind, center, half, angle)


# By kind: half axes at least and how much more at most (shares of the picture's side), how many
# shapes an object has and whether they turn any way.
_LEAST = np.array([(0, 0), (0.012, 2.0), (0.07, 0.06), (0.06, 0.06), (0.08, 0.03)])
_SPREAD = np.array([(0, 0), (0.03, 0), (0.12, 0.11), (0.08, 0.08), (0.10, 0.04)])
_COUNTS = np.array([0, 1, 1, 1, NUM_SHAPES])
_TURNS = np.array([0, 0, 0, 0, np.pi])
_SHAPES = np.arange(NUM_SHAPES)
