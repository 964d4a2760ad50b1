"""Calls that are timed in turn, so that a slow change of the machine's state meets all alike."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

ROUNDS = 5
WARMUP = 3
MOST = 200  # calls of a turn that is bounded by time: more tell nothing new


class Turn(NamedTuple):
    """How long one turn is.

    Args:
        least: Calls at least.
        seconds: Until when further ones begin.
    """

    least: int
    seconds: float


@dataclass(frozen=True)
class Effort:
    """How much each call is timed, over all its turns.

    Args:
        seconds: For so long; or
        repeats: so many times, however long that takes. Exactly one of the two is set.

    Raises:
        ValueError: Both or none are set, or not above 0.
    """

    seconds: float | None = None
    repeats: int | None = None

    def __post_init__(self) -> None:
        chosen = self.seconds if self.repeats is None else self.repeats
        if (self.seconds is None) == (self.repeats is None) or not chosen or chosen < 0:
            raise ValueError(
                f"seconds={self.seconds} and repeats={self.repeats}; give one of them, above 0"
            )

    @property
    def budget(self) -> float:
        """Seconds after which a call gets no further turn."""
        return math.inf if self.seconds is None else self.seconds

    @property
    def turns(self) -> list[Turn]:
        """The turns that every call gets."""
        if self.seconds is not None:
            return ROUNDS * [Turn(1, self.seconds / ROUNDS)]
        repeats = self.repeats or 0
        rounds = min(ROUNDS, repeats)
        whole, rest = divmod(repeats, rounds)
        return [Turn(1 + whole + (number < rest), 0.0) for number in range(rounds)]


class TimedCall:
    """A call, and the seconds that it took.

    Args:
        call: Returns when its work is done.

    Attributes:
        turns: Seconds of the calls that count, a list a turn.
        spent: Seconds of all turns.
    """

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self.turns: list[list[float]] = []
        self.spent = 0.0

    def warm_up(self, budget: float, least: int = 1) -> float:
        """Call until nothing is new, but beyond `least` times for `budget` seconds only.

        Returns:
            Seconds of the last call.
        """
        taken: list[float] = []
        while len(taken) < least or (len(taken) < WARMUP and sum(taken) < budget):
            taken.append(self._seconds())
        return taken[-1]

    def take_turn(self, turn: Turn, budget: float) -> None:
        """Be timed for a turn, unless the turns so far have taken `budget` seconds.

        The first call of several is left out: it finds caches as another cell has left them.
        """
        if self.spent >= budget:
            return
        start = time.perf_counter()
        taken: list[float] = []
        while len(taken) < turn.least or (
            len(taken) < MOST and time.perf_counter() - start < turn.seconds
        ):
            taken.append(self._seconds())
        self.turns.append(taken[1:] or taken)
        self.spent += time.perf_counter() - start

    def _seconds(self) -> float:
        start = time.perf_counter()
        self._call()
        return time.perf_counter() - start


def alternate(
    calls: Sequence[TimedCall], effort: Effort, advance: Callable[[], object] | None = None
) -> None:
    """Time all calls in turn (A, B, C, A, B, C, ...).

    Args:
        calls: What is timed.
        effort: How much.
        advance: Called after each turn.
    """
    for turn in effort.turns:
        for call in calls:
            call.take_turn(turn, effort.budget)
            if advance is not None:
                advance()
