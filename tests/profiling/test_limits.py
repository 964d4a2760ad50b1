from dataclasses import replace

import pytest

from poseforge.profiling.limits import limit_of, raised, with_limit
from poseforge.profiling.record import Ceilings, Layer, Spread, Work

CEILINGS = Ceilings(flops_per_s=1e12, bytes_per_s=1e11, launch_s=1e-6, arithmetic="")


@pytest.mark.parametrize(
    ("work", "seconds", "bound"),
    [
        (Work(flops=10**12, read_bytes=10**9, operations=1), 1.0, "arithmetic"),
        (Work(10**9, read_bytes=6 * 10**9, written_bytes=4 * 10**9, operations=1), 0.1, "memory"),
        (Work(flops=10, read_bytes=10, operations=500), 5e-4, "launch"),
    ],
)  # fmt: skip
def test_the_largest_of_three_times_binds(work, seconds, bound):
    limit = limit_of(work, CEILINGS)
    assert limit is not None
    assert limit.seconds == pytest.approx(seconds)
    assert limit.bound == bound


def test_the_ridge_lies_where_both_ceilings_meet():
    """At 10 operations a byte, this machine's arithmetic and memory take equally long."""
    for flops, bound in ((9.9e9, "memory"), (10.1e9, "arithmetic")):
        limit = limit_of(Work(flops=int(flops), read_bytes=10**9, operations=1), CEILINGS)
        assert limit is not None
        assert limit.bound == bound


def layer(own_s: float, kernel_s: float | None) -> Layer:
    work = Work(flops=10**9, operations=1)  # a millisecond
    spread = Spread(own_s, own_s, own_s)
    return Layer(
        "conv", "Conv2d", 1, 0, 1, spread, None, spread, own_s, 1.0, work, kernel_s=kernel_s
    )


def test_a_gpu_that_mostly_waits_is_bound_by_launches():
    assert with_limit(layer(5e-3, 2e-3), CEILINGS).limit.bound == "launch"
    assert with_limit(layer(5e-3, 4e-3), CEILINGS).limit.bound == "arithmetic"
    assert with_limit(layer(5e-3, None), CEILINGS).of_limit == pytest.approx(0.2)


def test_no_work_has_no_limit():
    assert limit_of(Work(), CEILINGS) is None


def test_no_layer_is_faster_than_the_arithmetic_that_limits_it():
    slow, fast = layer(5e-3, None), layer(5e-4, None)  # 2e11 and 2e12 operations a second
    assert raised(CEILINGS, [slow]) == CEILINGS
    higher = raised(CEILINGS, [slow, fast])
    assert higher == replace(CEILINGS, flops_per_s=2e12, arithmetic="the layer conv itself")
    assert with_limit(fast, higher).of_limit == pytest.approx(1)
    assert raised(CEILINGS, [slow, replace(fast, share=0.005)]) == CEILINGS
