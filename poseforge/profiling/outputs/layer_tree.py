"""A profile's layers as a tree that can be cut, ordered and shown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from poseforge.profiling.record import Bound, Kernel, Layer, Limit, Spread, Work

ORDERS: dict[str, Callable[[Layer], float]] = {
    "time": lambda layer: layer.own_s.median,
    "share": lambda layer: layer.share,
    "forward": lambda layer: layer.forward_s.median,
    "backward": lambda layer: layer.backward_s.median if layer.backward_s else 0.0,
    "flops": lambda layer: layer.work.flops,
    "bytes": lambda layer: layer.work.bytes,
    "parameters": lambda layer: layer.parameters,
    "operations": lambda layer: layer.work.operations,
    "launches": lambda layer: launches(layer) or 0.0,
    "memory": lambda layer: layer.peak_bytes or 0,
    "gain": lambda layer: layer.advice.gain_s if layer.advice else 0.0,
}
SORTS = ("tree", *ORDERS)


def launches(layer: Layer) -> float | None:
    """Return how many GPU kernels of its own a layer launches a step; None on a CPU."""
    if layer.kernel_s is None:
        return None
    return sum(kernel.launches for kernel in layer.kernels)


def in_order(layers: Sequence[Layer], sort: str) -> list[Layer]:
    """Return the layers as they stand in the tree, or the largest first.

    Raises:
        ValueError: `sort` is none of `SORTS`.
    """
    if sort == "tree":
        return list(layers)
    if sort not in ORDERS:
        raise ValueError(f"sort={sort!r}; choose one of {', '.join(SORTS)}")
    return sorted(layers, key=ORDERS[sort], reverse=True)


def fold(layers: Sequence[Layer], depth: int | None) -> list[Layer]:
    """Cut the tree below a depth; what was there becomes its parents' own.

    The sum of own times stays. The smallest and largest values of parts are added up, so the
    spread of a folded layer is the widest that it can be. Its limit is the sum of its parts'
    limits, and its bound is the one that most of this time is due to.

    Args:
        layers: A tree, each part before what is below it.
        depth: The last that is kept, 0 or more; None keeps all.

    Raises:
        ValueError: `depth` is negative.
    """
    if depth is None:
        return list(layers)
    if depth < 0:
        raise ValueError(f"depth={depth}; give 0, the whole step, or more")
    return [_merged(group) for group in _groups(layers, depth)]


def short_names(layers: Iterable[Layer]) -> Iterator[str]:
    """Yield what a name adds to that of the layer above it, such as "conv" for "head.conv"."""
    above: list[Layer] = []
    for layer in layers:
        while above and above[-1].depth >= layer.depth:
            above.pop()
        prefix = f"{above[-1].name}." if above else ""
        yield layer.name.removeprefix(prefix)
        above.append(layer)


def _groups(layers: Sequence[Layer], depth: int) -> Iterator[list[Layer]]:
    group: list[Layer] = []
    for layer in layers:
        if layer.depth <= depth and group:
            yield group
            group = []
        group.append(layer)
    if group:
        yield group


def _merged(group: Sequence[Layer]) -> Layer:
    top = group[0]
    if len(group) == 1:
        return top
    peaks = [layer.peak_bytes for layer in group if layer.peak_bytes is not None]
    on_gpu = [layer.kernel_s for layer in group if layer.kernel_s is not None]
    return replace(
        top,
        own_s=Spread(*(sum(values) for values in zip(*(x.own_s for x in group), strict=True))),
        host_s=sum(layer.host_s for layer in group),
        share=sum(layer.share for layer in group),
        work=sum((layer.work for layer in group), Work()),
        limit=_limit([layer.limit for layer in group if layer.limit is not None]),
        kernel_s=sum(on_gpu) if on_gpu else None,
        kernels=_kernels([kernel for layer in group for kernel in layer.kernels]),
        peak_bytes=max(peaks, default=None),
    )


def _limit(limits: Sequence[Limit]) -> Limit | None:
    if not limits:
        return None
    seconds: dict[Bound, float] = {}
    for limit in limits:
        seconds[limit.bound] = seconds.get(limit.bound, 0.0) + limit.seconds
    return Limit(
        sum(seconds.values()),
        max(seconds, key=lambda bound: seconds[bound]),
        sum(limit.arithmetic_s for limit in limits),
        sum(limit.memory_s for limit in limits),
        sum(limit.launch_s for limit in limits),
    )


def _kernels(kernels: Sequence[Kernel]) -> tuple[Kernel, ...]:
    named = groupby(sorted(kernels, key=lambda kernel: kernel.name), lambda kernel: kernel.name)
    merged = []
    for name, same in named:
        group = list(same)
        launched, seconds = sum(k.launches for k in group), sum(k.seconds for k in group)
        merged.append(Kernel(name, launched, seconds))
    return tuple(sorted(merged, key=lambda kernel: -kernel.seconds))
