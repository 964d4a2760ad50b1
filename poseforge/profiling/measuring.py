"""Steps measured in turn, with hooks and without, and what they have to do."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from poseforge.profiling.record import Work
from poseforge.profiling.spans import OWN_COST, Key, Pass, Recorder, SpanTime
from poseforge.profiling.subject import Subject
from poseforge.profiling.work import WorkCounter

_WAYS: tuple[Pass, ...] = ("forward", "backward")
_WARM_UP = {"cpu": 1, "cuda": 3}  # steps that are not counted
_BURST = {"cpu": 1, "cuda": 5}  # steps of a timing without hooks: a GPU works on several at a time


@dataclass(frozen=True)
class Measured:
    """What alternating steps took.

    Attributes:
        plain_s: Seconds a step without hooks.
        hooked_s: Seconds of each step with hooks, without preparing them.
        spans: Of each step with hooks.
    """

    plain_s: list[float]
    hooked_s: list[float]
    spans: list[list[SpanTime]]


def alternate(subjects: Sequence[Subject], steps: int) -> list[Measured]:
    """Measure the steps of several subjects in turn, each with hooks and without.

    So whatever slows the machine down for a while slows all of them.

    Args:
        subjects: Whose steps.
        steps: How many of each.
    """
    found = [Measured([], [], []) for _ in subjects]
    warm_up = _WARM_UP[subjects[0].device.type]
    for round_ in range(warm_up + steps):
        for subject, measured in zip(subjects, found, strict=True):
            plain = _plain_s(subject, _BURST[subject.device.type])
            recorder = Recorder(subject.device)
            with subject.watched(recorder):
                subject.finish()
                start = time.perf_counter()
                subject.step(recorder)
                subject.finish()
                hooked = time.perf_counter() - start
            spans = recorder.take()
            if round_ >= warm_up:
                measured.plain_s.append(plain)
                measured.hooked_s.append(hooked - own_cost_s(spans))
                measured.spans.append(spans)
    return found


def own_cost_s(spans: Sequence[SpanTime]) -> float:
    """Return what preparing the measurement took within a step."""
    return sum(span.host_s for span in spans if span.key == OWN_COST)


def _plain_s(subject: Subject, burst: int) -> float:
    subject.finish()
    start = time.perf_counter()
    for _ in range(burst):
        subject.step()
    subject.finish()
    return (time.perf_counter() - start) / burst


def count_work(subject: Subject) -> dict[Key, Work]:
    """Count what each part of one step has to do.

    Compiled code does not tell; its regions get the arithmetic of all modules that they are made
    of, which fusing does not change, and none of their bytes, which it does.
    """
    recorder = Recorder(subject.device)
    with (
        subject.uncompiled(),
        subject.watched(recorder),
        WorkCounter(recorder) as counter,
    ):
        subject.step(recorder)
    subject.finish()
    found = dict(counter.work)
    for region, modules in subject.regions.items():
        for direction in _WAYS:
            keys = [Key(name, direction) for name in modules]
            flops = sum(found.pop(key, Work()).flops for key in keys)
            found[Key(region, direction)] = Work(flops=flops, operations=1)
    return found
