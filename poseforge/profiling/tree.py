"""From measured spans to the tree of layers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from poseforge.profiling.record import Layer, Spread, Work
from poseforge.profiling.spans import (
    BACKWARD,
    COPY,
    MODEL,
    OPTIMIZER,
    OWN_COST,
    STEP,
    WAITING,
    Key,
    Pass,
    SpanTime,
)

_WAYS: tuple[Pass, ...] = ("forward", "backward")
_OF_THE_STEP = (WAITING, COPY, MODEL, BACKWARD, OPTIMIZER)  # in this order


@dataclass
class Times:
    """What all spans of one key took in one step, without what was inside them.

    Attributes:
        calls: How many there were.
        device_s: Seconds on the device.
        host_s: Seconds on the host.
    """

    calls: int = 0
    device_s: float = 0.0
    host_s: float = 0.0


_NO_TIMES = Times()


def build_tree(
    measured: Sequence[Sequence[SpanTime]],
    estimator: torch.nn.Module,
    work: Mapping[Key, Work],
    *,
    trains: bool,
) -> list[Layer]:
    """Return the layers, each before what is below it; the first is the whole step.

    Args:
        measured: The spans of each step.
        estimator: Whose modules were measured.
        work: What each part has to do.
        trains: Whether there is a backward pass.
    """
    modules = {name or MODEL: module for name, module in estimator.named_modules()}
    steps = [_by_key(spans) for spans in measured]
    run = {name for times in steps for key in times for name in _with_ancestors(key.name)}
    names = _in_order([name for name in modules if name in run], sorted(run - set(modules)))
    below = {name: [other for other in names if name in _with_ancestors(other)] for name in names}
    whole = Spread.of([sum(t.device_s for t in times.values()) for times in steps]).median
    layers = []
    for name in names:
        forward = Spread.of([_device_s(step, below[name], "forward") for step in steps])
        backward = Spread.of([_device_s(step, below[name], "backward") for step in steps])
        own = Spread.of([sum(_device_s(step, [name], way) for way in _WAYS) for step in steps])
        host = [sum(_of(step, name, way).host_s for way in _WAYS) for step in steps]
        module = modules.get(name)
        parameters = () if module is None else module.parameters()
        if name == STEP:
            parameters = estimator.parameters()
        layers.append(
            Layer(
                name=name,
                kind="step" if module is None else type(module).__name__,
                depth=len(_with_ancestors(name)) - 1,
                parameters=sum(parameter.numel() for parameter in parameters),
                calls=Spread.of([_of(step, name, "forward").calls for step in steps]).median,
                forward_s=forward,
                backward_s=backward if trains else None,
                own_s=own,
                host_s=Spread.of(host).median,
                share=own.median / whole,
                work=_sum(work.get(Key(name, way), Work()) for way in _WAYS),
            )
        )
    return layers


def _by_key(spans: Sequence[SpanTime]) -> dict[Key, Times]:
    times: dict[Key, Times] = defaultdict(Times)
    for span in spans:
        if span.key != OWN_COST:
            total = times[span.key]
            total.calls += 1
            total.device_s += span.device_s
            total.host_s += span.host_s
    return dict(times)


def _of(step: Mapping[Key, Times], name: str, way: Pass) -> Times:
    return step.get(Key(name, way), _NO_TIMES)


def _device_s(step: Mapping[Key, Times], names: Iterable[str], way: Pass) -> float:
    return sum(_of(step, name, way).device_s for name in names)


def _sum(works: Iterable[Work]) -> Work:
    total = Work()
    for work in works:
        total += work
    return total


def _with_ancestors(name: str) -> list[str]:
    """Return a part's name and those of what it is in, up to the step."""
    chain = [name]
    while chain[-1] != STEP:
        chain.append(_parent(chain[-1]))
    return chain


def _parent(name: str) -> str:
    if "." in name:
        return name.rpartition(".")[0]
    return STEP if name in _OF_THE_STEP else MODEL


def _in_order(modules: list[str], others: list[str]) -> list[str]:
    """Return all names so that each comes before what is in it."""
    children: dict[str, list[str]] = defaultdict(list)
    known = {*modules, *others} - {STEP}
    for name in dict.fromkeys([*_OF_THE_STEP, *modules, *others]):
        if name in known:
            children[_parent(name)].append(name)
    ordered: list[str] = []
    waiting = [STEP]
    while waiting:
        name = waiting.pop()
        ordered.append(name)
        waiting += reversed(children[name])
    return ordered
