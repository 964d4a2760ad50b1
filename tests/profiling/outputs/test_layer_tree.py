from dataclasses import replace

import pytest

from poseforge.profiling.outputs.layer_tree import (
    SORTS,
    fold,
    in_order,
    launches,
    short_names,
)
from poseforge.profiling.record import Kernel, Layer, Limit, Spread, Work
from tests.profiling.made_up_profile import cpm_profile


def layer(name: str, depth: int, own_s: float, **more: object) -> Layer:
    given = Spread(own_s, own_s / 2, own_s * 2)
    plain = Layer(name, "Conv2d", depth, 0, 1, given, None, given, own_s, own_s / 10, Work())
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 6, 20])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_folding_loses_nothing(device: str, depth: int) -> None:
    layers = cpm_profile(device).layers  # type: ignore[arg-type]
    folded = fold(layers, depth)
    assert [x.name for x in folded] == [x.name for x in layers if x.depth <= depth]
    for number in range(3):
        whole = sum(x.own_s[number] for x in layers)
        assert sum(x.own_s[number] for x in folded) == pytest.approx(whole)
    assert sum(x.share for x in folded) == pytest.approx(1)
    assert sum(x.host_s for x in folded) == pytest.approx(sum(x.host_s for x in layers))
    assert sum((x.work for x in folded), Work()) == sum((x.work for x in layers), Work())
    if device == "cuda":
        ran = sum(launches(x) or 0 for x in layers)
        assert sum(launches(x) or 0 for x in folded) == pytest.approx(ran)
        kernels = sum(k.seconds for x in layers for k in x.kernels)
        assert sum(k.seconds for x in folded for k in x.kernels) == pytest.approx(kernels)


def test_a_folded_layer_by_hand() -> None:
    small, large = Limit(1, "launch", 0, 0, 1), Limit(4, "memory", 1, 4, 1)
    parts = [
        layer("net", 0, 1.0),
        layer("net.a", 1, 2.0, limit=small, peak_bytes=7, kernel_s=1.5),
        layer("net.a.x", 2, 8.0, limit=large, peak_bytes=9, kernel_s=2.0),
        layer("net.a.y", 2, 4.0, limit=large, kernels=(Kernel("k", 1, 2.0),), kernel_s=3.0),
        layer("net.b", 1, 3.0, kernels=(Kernel("k", 5, 9.0), Kernel("l", 1, 10.0))),
    ]
    net, a, b = fold(parts, 1)
    assert (net, b) == (parts[0], parts[4])
    assert a.own_s == Spread(14.0, 7.0, 28.0)
    assert a.forward_s == parts[1].forward_s
    assert a.limit == Limit(9, "memory", 2, 8, 3)
    assert (a.peak_bytes, a.kernel_s, a.kernels) == (9, 6.5, (Kernel("k", 1, 2.0),))
    assert a.of_limit == pytest.approx(9 / 14)
    whole = fold(parts, 0)[0]
    assert whole.kernels == (Kernel("k", 6, 11.0), Kernel("l", 1, 10.0))


def test_orders() -> None:
    layers = cpm_profile("cuda").layers
    assert in_order(layers, "tree") == list(layers)
    by_time = in_order(layers, "time")
    assert by_time[0].own_s.median == max(x.own_s.median for x in layers)
    assert by_time[-1].own_s.median == min(x.own_s.median for x in layers)
    # By hand: 2 · 16 images · 184² cells · 128² · 9² weights, thrice for training.
    assert in_order(layers, "flops")[0].work.flops == 3 * 2 * 16 * 184**2 * 128**2 * 81
    for sort in SORTS:
        assert sorted(x.name for x in in_order(layers, sort)) == sorted(x.name for x in layers)


def test_names_are_as_short_as_the_tree_allows() -> None:
    tree = [("step", 0), ("model", 1), ("head", 2), ("head.later", 3), ("head.later.0", 4)]
    layers = [layer(name, depth, 1.0) for name, depth in [*tree, ("header.x", 2)]]
    assert list(short_names(layers)) == ["step", "model", "head", "later", "0", "header.x"]


def test_what_is_not_allowed_is_said() -> None:
    layers = cpm_profile("cpu").layers
    with pytest.raises(ValueError, match="sort='name'; choose one of tree, time, share"):
        in_order(layers, "name")
    with pytest.raises(ValueError, match="depth=-1; give 0"):
        fold(layers, -1)
