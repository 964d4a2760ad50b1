"""How long a layer's work would take at the machine's ceilings, and which of them binds it."""

from collections.abc import Sequence
from dataclasses import replace

from poseforge.profiling.record import Bound, Ceilings, Layer, Limit, Work

_TELLING_SHARE = 0.01  # of a step, from which on a layer's rate is no accident of the clock


def limit_of(work: Work, ceilings: Ceilings) -> Limit | None:
    """Return the limit of a layer's own work; None where it has none.

    It is the roofline of Williams et al., Roofline: An Insightful Visual Performance Model, CACM
    2009, https://doi.org/10.1145/1498765.1498785, with a third ceiling: no operation takes less
    than the host needs to launch it.
    """
    if not work.operations:
        return None
    times: dict[Bound, float] = {
        "arithmetic": work.flops / ceilings.flops_per_s,
        "memory": work.bytes / ceilings.bytes_per_s,
        "launch": work.operations * ceilings.launch_s,
    }
    bound = max(times, key=lambda name: times[name])
    return Limit(times[bound], bound, times["arithmetic"], times["memory"], times["launch"])


def raised(ceilings: Ceilings, layers: Sequence[Layer]) -> Ceilings:
    """Return ceilings whose arithmetic is no lower than any layer's that takes 1 % of the step.

    A layer that is faster shows that the machine was slowed down while they were measured.
    """
    telling = [layer for layer in layers if layer.share >= _TELLING_SHARE and layer.own_s.median]
    fastest = max(telling, key=_flops_per_s, default=None)
    if fastest is None or _flops_per_s(fastest) <= ceilings.flops_per_s:
        return ceilings
    name = f"the layer {fastest.name} itself"
    return replace(ceilings, flops_per_s=_flops_per_s(fastest), arithmetic=name)


def _flops_per_s(layer: Layer) -> float:
    return layer.work.flops / layer.own_s.median


def with_limit(layer: Layer, ceilings: Ceilings) -> Layer:
    """Return a layer with its limit.

    A layer on a GPU is bound by launches as well where its kernels run for less than half of its
    time: the device waits for the host.
    """
    limit = limit_of(layer.work, ceilings)
    waits = layer.kernel_s is not None and layer.kernel_s < layer.own_s.median / 2
    if limit is not None and waits:
        limit = replace(limit, bound="launch")
    return replace(layer, limit=limit)
