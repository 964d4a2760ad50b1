import time

import pytest
import torch

from poseforge.profiling.spans import Key, Recorder

CPU = torch.device("cpu")


def test_time_belongs_to_the_innermost_span():
    recorder = Recorder(CPU)
    start = time.perf_counter()
    with recorder.span("outer"):
        time.sleep(0.02)
        with recorder.span("inner"):
            time.sleep(0.03)
        with recorder.span("inner"):
            time.sleep(0.01)
    taken = time.perf_counter() - start
    outer, first, second = recorder.take()
    assert [s.key for s in (outer, first, second)] == [
        Key("outer", "forward"), *[Key("inner", "forward")] * 2
    ]  # fmt: skip
    assert [s.parent for s in (outer, first, second)] == [None, 0, 0]
    assert outer.host_s >= 0.02
    assert first.host_s >= 0.03
    assert second.host_s >= 0.01
    assert outer.host_s + first.host_s + second.host_s == pytest.approx(taken, abs=0.002)
    assert recorder.take() == []


def test_a_span_ends_though_its_work_fails():
    recorder = Recorder(CPU)
    with pytest.raises(RuntimeError, match="on purpose"), recorder.span("outer"):
        raise RuntimeError("on purpose")
    assert recorder.current is None
    assert len(recorder.take()) == 1


def test_nodes_are_known_by_the_span_that_made_them():
    recorder = Recorder(CPU)
    x = torch.ones(2, requires_grad=True)
    with recorder.span("a"):
        first = x * 2
        with recorder.span("b"):
            second = first.exp()
        third = second + 1
    fourth = third.sum()
    owners = [recorder.owner(t.grad_fn._sequence_nr()) for t in (first, second, third, fourth)]
    assert owners == ["a", "b", "a", ""]
