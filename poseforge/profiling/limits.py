"""How long a layer's work would take at the machine's ceilings, and which of them binds it."""

from dataclasses import replace

from poseforge.profiling.record import Bound, Ceilings, Layer, Limit, Work


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
