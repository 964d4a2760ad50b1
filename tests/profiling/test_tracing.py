"""Traces as torch writes them, made up by hand where a GPU would be needed."""

import json

import pytest
import torch
from torch import nn

from poseforge.profiling.spans import Recorder
from poseforge.profiling.tracing import Ranges, read_trace


def span(name, start, end, thread=1, cat="user_annotation", **args):
    return {
        "ph": "X", "cat": cat, "name": name, "pid": 1, "tid": thread, "ts": start,
        "dur": end - start, "args": args,
    }  # fmt: skip


def memory(time, size, device):
    return {
        "ph": "i", "cat": "cpu_instant_event", "name": "[memory]", "pid": 1, "tid": 1, "ts": time,
        "args": {"Bytes": size, "Device Type": device, "Total Allocated": 0},
    }  # fmt: skip


def test_kernels_belong_to_the_range_that_launched_them():
    """The device is late: kernels run when the host has long gone on."""
    events = [
        span("step", 0, 100),
        span("model", 10, 60),
        span("model.conv", 20, 40),
        span("model.conv (backward)", 70, 80, thread=2),
        span("cudaLaunchKernel", 25, 26, cat="cuda_runtime", correlation=1),
        span("cudaLaunchKernel", 50, 51, cat="cuda_runtime", correlation=2),
        span("cudaLaunchKernel", 75, 76, thread=2, cat="cuda_runtime", correlation=3),
        span("cudaMemcpyAsync", 5, 6, cat="cuda_runtime", correlation=4),
        span("gemm", 200, 230, thread=7, cat="kernel", correlation=1),
        span("add", 230, 232, thread=7, cat="kernel", correlation=2),
        span("gemm", 240, 280, thread=7, cat="kernel", correlation=3),
        span("Memcpy HtoD", 190, 199, thread=7, cat="gpu_memcpy", correlation=4),
        span("step", 300, 400),
    ]
    found = read_trace(events, 0, device="cuda").kernels
    seconds = {name: [(k.name, k.launches, k.seconds) for k in v] for name, v in found.items()}
    assert seconds == {  # of each of two steps
        "model.conv": [("gemm", 1.0, pytest.approx(35e-6))],
        "model": [("add", 0.5, pytest.approx(1e-6))],
        "step": [("Memcpy HtoD", 0.5, pytest.approx(4.5e-6))],
    }


def test_memory_of_the_device_alone_counts():
    events = [
        span("step", 0, 50),
        memory(10, 700, device=1),
        span("step", 100, 200),
        span("step (backward)", 195, 196),
        span("a", 110, 130),
        span("b", 140, 190),
        memory(120, 50, device=1),
        memory(121, 10**6, device=0),
        memory(150, 200, device=1),
        memory(160, -250, device=1),
        memory(210, 10**9, device=1),
    ]
    found = read_trace(events, 1000, device="cuda")
    assert found.peak_bytes == {"step": 1950, "a": 1750, "b": 1950}
    assert found.memory.peak_bytes == 1950
    assert found.memory.peak_layer == "b"
    assert found.memory.standing_bytes == 1700
    assert found.memory.timeline == (
        (pytest.approx(20e-6), 1750), (pytest.approx(50e-6), 1950), (pytest.approx(60e-6), 1700)
    )  # fmt: skip


def test_a_real_trace_is_what_perfetto_reads(tmp_path):
    """Perfetto's importer wants of a complete event: name, ph, ts, dur, pid and tid."""
    recorder = Recorder(torch.device("cpu"), listener=Ranges())
    layer, x = nn.Linear(2000, 1000), torch.rand(10, 2000)
    profiler = torch.profiler.profile(profile_memory=True)
    with profiler, recorder.span("step"), recorder.span("fc"):
        y = layer(x)
    path = tmp_path / "trace.json"
    profiler.export_chrome_trace(str(path))
    events = json.loads(path.read_text())["traceEvents"]
    complete = [event for event in events if event["ph"] == "X"]
    numbers = [event[key] for event in complete for key in ("ts", "dur")]
    assert all(isinstance(number, int | float) for number in numbers)
    assert all({"name", "pid", "tid"} <= set(event) for event in complete)
    assert {"step", "fc"} <= {event["name"] for event in complete}
    found = read_trace(events, 0, device="cpu")
    assert found.memory.peak_bytes >= y.numel() * 4
    assert found.memory.peak_layer == "fc"
