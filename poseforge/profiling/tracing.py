"""A trace of some steps for Perfetto, and what it tells of kernels and memory by layer."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.profiler import ProfilerActivity, record_function

from poseforge.files import replacing
from poseforge.profiling.record import Kernel, Memory
from poseforge.profiling.spans import OWN_COST, STEP, Key, Recorder
from poseforge.profiling.subject import Subject

TRACED_STEPS = 2
_BACKWARD = " (backward)"


class Ranges:
    """Marks every span in torch's profile, by its name."""

    def __init__(self) -> None:
        self._open: list[record_function] = []

    def begin(self, key: Key) -> None:
        mark = record_function(range_name(key))
        mark.__enter__()
        self._open.append(mark)

    def end(self) -> None:
        self._open.pop().__exit__(None, None, None)


def range_name(key: Key) -> str:
    """Return what a span is called in a trace."""
    return key.name if key.direction == "forward" else f"{key.name}{_BACKWARD}"


@dataclass
class Traced:
    """What a trace tells, a step.

    Attributes:
        kernels: The GPU kernels of each layer, the longest first.
        peak_bytes: The most memory in use while a layer ran.
        memory: Over the last step; None where the trace has nothing of it.
    """

    kernels: dict[str, tuple[Kernel, ...]] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    memory: Memory | None = None


def trace(subject: Subject, path: Path) -> Traced:
    """Trace some steps into a file that Perfetto, Chrome and TensorBoard show.

    Args:
        subject: What runs.
        path: The file, `*.pt.trace.json`.
    """
    recorder = Recorder(subject.device, listener=Ranges())
    tracer = Tracer(subject.device, subject.standing_bytes)
    for _ in range(TRACED_STEPS):
        with subject.watched(recorder):
            subject.step(recorder)
        subject.finish()
    recorder.take()
    return tracer.stop(path)


class Tracer:
    """Traces from now on, until it is stopped.

    Args:
        device: Where the work runs.
        standing: Bytes in use that a CPU's allocator does not tell of.
    """

    def __init__(self, device: torch.device, standing: int) -> None:
        activities = [ProfilerActivity.CPU]
        if device.type == "cuda":
            activities.append(ProfilerActivity.CUDA)
            standing = torch.cuda.memory_allocated(device)
        self._device, self._standing = device, standing
        # There is one cycle only; where its events are not kept for others, torch 2.11 warns.
        self._profiler = torch.profiler.profile(
            activities=activities, profile_memory=True, acc_events=True
        )
        self._profiler.start()

    def stop(self, path: Path) -> Traced:
        """Write the trace and return what it tells."""
        self._profiler.stop()
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as unfinished:
            self._profiler.export_chrome_trace(str(unfinished))
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
        return read_trace(events, self._standing, device=self._device.type)


def read_trace(events: Sequence[Mapping[str, Any]], standing: int, *, device: str) -> Traced:
    """Return what the events of a Chrome trace tell of each layer.

    Kernels belong to the innermost range that was open on the thread that launched them, when it
    did. Times of events are microseconds.

    Args:
        events: Of torch's profiler, with ranges as `Ranges` marks them.
        standing: Bytes in use before the first.
        device: "cpu" or "cuda"; whose memory.
    """
    ranges = _Ranges(events)
    steps = max(1, len(ranges.steps))
    return Traced(
        {
            name: _summed(kernels, steps)
            for name, kernels in _kernels_by_layer(events, ranges).items()
        },
        *_memory_use(events, ranges, standing, cuda=device == "cuda"),
    )


class _Range(NamedTuple):
    start: float
    end: float
    name: str


class _Ranges:
    """The marked ranges, by thread and time."""

    def __init__(self, events: Iterable[Mapping[str, Any]]) -> None:
        self._by_thread: dict[Any, list[_Range]] = defaultdict(list)
        self.steps: list[_Range] = []
        for event in events:
            if event.get("cat") == "user_annotation" and event["name"] != OWN_COST.name:
                start, name = float(event["ts"]), event["name"].removesuffix(_BACKWARD)
                found = _Range(start, start + float(event["dur"]), name)
                self._by_thread[event["tid"]].append(found)
                if event["name"] == STEP:
                    self.steps.append(found)
        for ranges in self._by_thread.values():
            ranges.sort(key=lambda item: (item.start, -item.end))  # an outer one before an inner
        self.steps.sort()

    def __iter__(self) -> Iterator[_Range]:
        return chain.from_iterable(self._by_thread.values())

    def innermost(self, time: float, thread: Any) -> str | None:
        """Return the name of the innermost range of a thread that is open at a time."""
        ranges = self._by_thread.get(thread, [])
        last = bisect_right(ranges, time, key=lambda item: item.start)
        return next((item.name for item in reversed(ranges[:last]) if time <= item.end), None)


def _kernels_by_layer(
    events: Sequence[Mapping[str, Any]], ranges: _Ranges
) -> dict[str, list[tuple[str, float]]]:
    """Return (name, seconds) of each kernel that a layer launched."""
    launched = {
        event["args"]["correlation"]: (float(event["ts"]), event["tid"])
        for event in events
        if event.get("cat") in ("cuda_runtime", "cuda_driver")
        and "correlation" in event.get("args", {})
    }
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for event in events:
        if event.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset"):
            when = launched.get(event["args"].get("correlation"))
            name = ranges.innermost(*when) if when else None
            found[name or STEP].append((event["name"], float(event["dur"]) / 1e6))
    return found


def _summed(kernels: Sequence[tuple[str, float]], steps: int) -> tuple[Kernel, ...]:
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, seconds in kernels:
        by_name[name].append(seconds)
    rows = (Kernel(name, len(all_s) / steps, sum(all_s) / steps) for name, all_s in by_name.items())
    return tuple(sorted(rows, key=lambda kernel: -kernel.seconds))


def _memory_use(
    events: Sequence[Mapping[str, Any]], ranges: _Ranges, standing: int, *, cuda: bool
) -> tuple[dict[str, int], Memory | None]:
    """Return the most that was in use during each layer, and how it went over the last step."""
    changes = sorted(
        (float(event["ts"]), int(event["args"]["Bytes"]))
        for event in events
        if event.get("name") == "[memory]"
        and (event["args"]["Device Type"] == 1) == cuda  # 0 is the CPU, 1 CUDA
    )
    if not changes or not ranges.steps:
        return {}, None
    times = np.array([time for time, _ in changes])
    in_use = standing + np.cumsum([size for _, size in changes])
    begin, end, _ = ranges.steps[-1]
    peaks: dict[str, int] = {}
    for item in ranges:
        if begin <= item.start and item.end <= end:
            used = in_use[slice(*np.searchsorted(times, (item.start, item.end)))]
            if len(used):
                peaks[item.name] = max(int(used.max()), peaks.get(item.name, 0))
    first, last = np.searchsorted(times, (begin, end))
    if first == last:
        return peaks, None
    most = first + int(in_use[first:last].argmax())
    open_then = [item for item in ranges if item.start <= times[most] <= item.end]
    innermost = min(open_then, key=lambda item: item.end - item.start)
    at_start = int(in_use[first - 1]) if first else standing
    seconds = ((times[first:last] - begin) / 1e6).tolist()
    timeline = tuple(zip(seconds, in_use[first:last].tolist(), strict=True))
    return peaks, Memory(int(in_use[most]), innermost.name, at_start, timeline)
