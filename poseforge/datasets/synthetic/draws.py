"""The random numbers of generated people, so that one person costs no more than a row of a table.

Person i of seed s owns the generator `default_rng([s, i])`. Its first numbers are the geometry's:
drawn as one row, so that the geometry of many people is computed on whole arrays. Colours, textures
and noise continue with the same generator, and only where a picture is drawn.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats

NUM_DRAWS = 144
T = TypeVar("T")


def generator(seed: int, index: int) -> tuple[np.random.Generator, Floats]:
    """Return a person's generator and its first (NUM_DRAWS,) numbers in [0, 1)."""
    rng = np.random.default_rng([seed, index])
    return rng, rng.random(NUM_DRAWS)


def rows(seed: int, indices: Iterable[int]) -> Floats:
    """Return the geometry's numbers of several people, (N, NUM_DRAWS)."""
    return np.stack([generator(seed, index)[1] for index in indices])


class Draws:
    """Hand out columns of uniform numbers, each once and always in the same order.

    Args:
        numbers: (N, D) uniform in [0, 1).
    """

    def __init__(self, numbers: Floats) -> None:
        self._numbers = numbers
        self._next = 0

    @property
    def num_people(self) -> int:
        """N."""
        return len(self._numbers)

    def columns(self, count: int) -> Floats:
        """Return the next (N, count) numbers.

        Raises:
            IndexError: There are not so many left.
        """
        start, self._next = self._next, self._next + count
        if self._next > self._numbers.shape[1]:
            raise IndexError(
                f"{self._next} numbers a person are wanted, {self._numbers.shape[1]} were drawn; "
                "raise NUM_DRAWS"
            )
        return self._numbers[:, start : self._next]

    def between(self, low: float, high: float) -> Floats:
        """Return (N,) numbers between two bounds."""
        return low + (high - low) * self.columns(1)[:, 0]

    def chance(self, probability: float) -> NDArray[np.bool_]:
        """Return (N,) truths that come true with a probability."""
        truths: NDArray[np.bool_] = self.columns(1)[:, 0] < probability
        return truths

    def pick(self, weights: Sequence[float]) -> NDArray[np.intp]:
        """Return (N,) rows of a table, each as often as its weight says."""
        edges = np.cumsum(weights)
        return np.searchsorted(edges[:-1] / edges[-1], self.columns(1)[:, 0], side="right")


class Dice:
    """Random numbers of one picture as plain floats, drawn many at a time because that is cheap.

    Args:
        rng: The person's generator, after the geometry's numbers were taken.
    """

    _POOL = 256

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool: list[float] = []

    def roll(self) -> float:
        """Return a number in [0, 1)."""
        if not self._pool:
            self._pool = self._rng.random(self._POOL).tolist()
        return self._pool.pop()

    def between(self, low: float, high: float) -> float:
        """Return a number between two bounds."""
        return low + (high - low) * self.roll()

    def count(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high` - 1."""
        return low + int((high - low) * self.roll())

    def chance(self, probability: float) -> bool:
        """Return a truth that comes true with a probability."""
        return self.roll() < probability

    def bytes(self, count: int) -> NDArray[np.uint8]:
        """Return (count,) random bytes."""
        return np.frombuffer(self._rng.bytes(count), dtype=np.uint8)

    def choose(self, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Return one of several things, each as often as its weight says."""
        if weights is None:
            return options[self.count(0, len(options))]
        left = self.roll() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        return options[-1]
