import json
import time

import pytest
import torch

from poseforge.profiling import ceilings as module
from poseforge.profiling.ceilings import measured_ceilings
from poseforge.profiling.record import Ceilings

CPU = torch.device("cpu")


def test_they_are_measured_once_for_each_device_precision_and_layout(tmp_path, monkeypatch):
    asked = []

    def measure(device, amp, *, channels_last):
        asked.append((amp, channels_last))
        return Ceilings(len(asked), 2.0, 3.0, "made up")

    def kept(amp, channels_last):
        found = measured_ceilings(CPU, amp, channels_last=channels_last, again=False, cache=cache)
        return found.flops_per_s

    monkeypatch.setattr(module, "_measure", measure)
    cache = tmp_path / "deep" / "ceilings.json"
    for _ in range(2):
        assert [kept(None, False), kept("bf16", False), kept(None, True)] == [1, 2, 3]
    assert asked == [(None, False), ("bf16", False), (None, True)]
    cache.write_text("half of a fi")
    assert kept(None, False) == 4
    assert len(json.loads(cache.read_text())) == 1


def test_the_highest_counts(tmp_path, monkeypatch):
    found = iter([Ceilings(5, 2, 3, "a"), Ceilings(4, 9, 4, "b"), Ceilings(6, 1, 2, "c")])
    monkeypatch.setattr(module, "_measure", lambda *_, **__: next(found))
    cache = tmp_path / "ceilings.json"
    for expected in (
        Ceilings(5, 2, 3, "a"), Ceilings(5, 9, 3, "a"), Ceilings(6, 9, 2, "c")
    ):  # fmt: skip
        assert measured_ceilings(CPU, None, channels_last=False, cache=cache) == expected


def test_what_is_measured_is_what_it_takes(monkeypatch):
    assert module._fastest_s(lambda: time.sleep(0.03), CPU) == pytest.approx(0.03, rel=0.2)


def test_a_large_product_reaches_most_of_the_ceiling(tmp_path):
    """An independent timing of one product, which no ceiling may be far below."""
    found = measured_ceilings(CPU, None, channels_last=False, cache=tmp_path / "c.json")
    a = torch.rand(700, 700)
    rates = []
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        rates.append(2 * 700**3 / (time.perf_counter() - start))
    assert found.flops_per_s > 0.5 * max(rates)
    assert 1e8 < found.bytes_per_s < 1e13
    assert 1e-8 < found.launch_s < 1e-3
