import time
from collections.abc import Callable

import pytest

from poseforge.profiling.throughput import turns
from poseforge.profiling.throughput.turns import MOST, ROUNDS, WARMUP, Effort, TimedCall, alternate


class Clock:
    """A clock that calls of known length move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.made: list[str] = []

    def perf_counter(self) -> float:
        return self.now

    def call(self, name: str, seconds: float) -> Callable[[], None]:
        def work() -> None:
            self.made.append(name)
            self.now += seconds

        return work


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


def test_calls_alternate(clock: Clock):
    calls = [TimedCall(clock.call(name, 1.0)) for name in "ABC"]
    advanced: list[int] = []
    alternate(calls, Effort(repeats=3), lambda: advanced.append(len(clock.made)))
    assert "".join(clock.made) == 3 * "AABBCC"  # the first of each turn does not count
    assert advanced == list(range(2, 20, 2))
    assert all(call.turns == [[1.0], [1.0], [1.0]] for call in calls)


@pytest.mark.parametrize("repeats", [1, 4, 5, 13])
def test_as_many_calls_count_as_were_asked_for(clock: Clock, repeats: int):
    call = TimedCall(clock.call("A", 1000.0))
    alternate([call], Effort(repeats=repeats))
    assert sum(map(len, call.turns)) == repeats
    assert len(call.turns) == min(repeats, ROUNDS)


def test_a_turn_lasts_its_share_of_the_seconds(clock: Clock):
    call = TimedCall(clock.call("A", 0.125))
    alternate([call], Effort(seconds=5.0))
    assert call.turns == ROUNDS * [7 * [0.125]]  # 8 fill a second, the first does not count
    assert call.spent == 5.0


def test_a_call_that_takes_longer_than_its_seconds_is_timed_once(clock: Clock):
    slow, quick = TimedCall(clock.call("S", 7.0)), TimedCall(clock.call("q", 0.5))
    alternate([slow, quick], Effort(seconds=5.0))
    assert slow.turns == [[7.0]]
    assert clock.made.count("S") == 1
    assert len(quick.turns) == ROUNDS


def test_a_turn_of_very_quick_calls_ends(clock: Clock):
    call = TimedCall(clock.call("A", 1e-9))
    alternate([call], Effort(seconds=5.0))
    assert [len(turn) for turn in call.turns] == ROUNDS * [MOST - 1]


@pytest.mark.parametrize(
    ("seconds", "least", "calls"), [(0.125, 1, WARMUP), (9.0, 1, 1), (9.0, 2, 2), (2.0, 1, WARMUP)]
)
def test_warming_up_ends_early_for_slow_calls(clock: Clock, seconds: float, least: int, calls: int):
    assert TimedCall(clock.call("A", seconds)).warm_up(5.0, least) == seconds
    assert len(clock.made) == calls


def test_a_sleep_is_measured():
    call = TimedCall(lambda: time.sleep(0.01))
    alternate([call], Effort(repeats=2))
    assert all(0.01 <= seconds < 1 for turn in call.turns for seconds in turn)


@pytest.mark.parametrize(
    "effort", [{}, {"seconds": 1, "repeats": 1}, {"repeats": 0}, {"seconds": -1.0}]
)
def test_an_effort_without_a_sense_is_refused(effort: dict[str, float]):
    with pytest.raises(ValueError, match="give one of them, above 0"):
        Effort(**effort)
