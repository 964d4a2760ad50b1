from dataclasses import replace

import pytest

from poseforge.profiling.advice import NUMBER_ADVISED, Situation, advised
from poseforge.profiling.limits import with_limit
from poseforge.profiling.record import Ceilings, Layer, Spread, Work

CEILINGS = Ceilings(1e12, 1e11, 1e-6, "")
PLAIN = Situation(
    trains=False, precision="fp32", channels_last=False, compiled=False, batch_size=32,
    half=None, other_layout=None,
)  # fmt: skip
CONV = Work(flops=10**9, read_bytes=1, operations=1)  # 1 ms of arithmetic
NORM = Work(read_bytes=10**8, operations=1)  # 1 ms of memory
MANY = Work(operations=1000)  # 1 ms of launches


def layer(kind: str, work: Work, own_s: float, name: str = "layer") -> Layer:
    own = Spread(own_s, own_s, own_s)
    return with_limit(Layer(name, kind, 1, 0, 1, own, None, own, own_s, 1.0, work), CEILINGS)


def advice(one: Layer, situation: Situation = PLAIN):
    return advised([one], CEILINGS, situation)[0].advice


def test_a_norm_that_predicts_can_be_folded_away():
    found = advice(layer("BatchNorm2d", NORM, 2e-3))
    assert "fold" in found.text
    assert found.gain_s == pytest.approx(2e-3)
    training = advice(layer("BatchNorm2d", NORM, 2e-3), replace(PLAIN, trains=True))
    assert training.switch == "compile"


def test_half_the_precision_gains_what_its_ceiling_says():
    """At four times the rate a millisecond of arithmetic takes a quarter."""
    found = advice(
        layer("Conv2d", CONV, 1.2e-3), replace(PLAIN, half=Ceilings(4e12, 1e11, 1e-6, ""))
    )
    assert found.switch == "bf16"
    assert found.gain_s == pytest.approx(1.2e-3 - 0.25e-3)
    assert "4.0 times" in found.text


def test_launches_can_be_joined_down_to_the_work():
    found = advice(layer("Strange", MANY, 3e-3))
    assert found.switch == "compile"
    assert found.gain_s == pytest.approx(3e-3)
    assert (
        advice(layer("Strange", MANY, 3e-3), replace(PLAIN, compiled=True)).switch == "larger-batch"
    )


def test_a_first_convolution_is_told_its_channels():
    first = layer("Conv2d", CONV, 5e-3, name="backbone.stem")
    found = advice(first, replace(PLAIN, of_pictures=frozenset({"backbone.stem"})))
    assert "channels" in found.text
    assert found.gain_s == pytest.approx(4e-3)


def test_what_is_at_its_limit_gets_none():
    assert advice(layer("Conv2d", CONV, 1.05e-3)) is None


def test_no_advice_gains_more_than_the_layer_takes_and_the_largest_are_advised():
    layers = [layer("BatchNorm2d", NORM, 1e-3 * (n + 1), name=str(n)) for n in range(15)]
    found = advised(layers, CEILINGS, PLAIN)
    assert [one.name for one in found if one.advice] == [str(n) for n in range(5, 15)]
    assert len([one for one in found if one.advice]) == NUMBER_ADVISED
    assert all(one.advice.gain_s <= one.own_s.median for one in found if one.advice)
