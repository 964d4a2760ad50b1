"""Where the time of one whole step goes."""

from collections import defaultdict
from collections.abc import Sequence

from poseforge.profiling.record import Spread, Stage
from poseforge.profiling.spans import (
    BACKWARD,
    COPY,
    MODEL,
    OPTIMIZER,
    OWN_COST,
    STEP,
    WAITING,
    SpanTime,
)

BETWEEN = "between"
FORWARD = "forward"
_STAGES = {
    STEP: BETWEEN,
    WAITING: WAITING,
    COPY: COPY,
    MODEL: FORWARD,
    BACKWARD: "backward",
    OPTIMIZER: OPTIMIZER,
}
_METHODS = {"codec.encode": "encode targets", "codec.decode": "decode", "loss": "loss"}
_ORDER = (
    WAITING,
    COPY,
    "encode targets",
    FORWARD,
    "loss",
    "backward",
    OPTIMIZER,
    "decode",
    BETWEEN,
)


def bar_of(measured: Sequence[Sequence[SpanTime]]) -> tuple[Stage, ...]:
    """Return the stages of a step: the medians of what each took.

    A span belongs to the innermost stage that it is in: what a loss calls is loss, though it is in
    the model's forward pass.

    Args:
        measured: The spans of each step.
    """
    steps = [_by_stage(spans) for spans in measured]
    medians = {name: Spread.of([step.get(name, 0.0) for step in steps]).median for name in _ORDER}
    return tuple(Stage(name, seconds) for name, seconds in medians.items() if seconds > 0)


def _by_stage(spans: Sequence[SpanTime]) -> dict[str, float]:
    stages: list[str] = []  # of each span
    total: dict[str, float] = defaultdict(float)
    for span in spans:
        outer = BETWEEN if span.parent is None else stages[span.parent]
        stages.append(_stage_of(span.key.name, outer))
        if span.key != OWN_COST:
            total[stages[-1]] += span.device_s
    return total


def _stage_of(name: str, outer: str) -> str:
    if name in _STAGES:
        return _STAGES[name]
    for ending, stage in _METHODS.items():
        if name == ending or name.endswith(f".{ending}"):
            return stage
    # Code that was compiled in one piece stands outside of the estimator's own span.
    return FORWARD if outer == BETWEEN else outer
