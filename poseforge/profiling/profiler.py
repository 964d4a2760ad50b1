"""Profile a config's model: layers, limits, the whole step, memory."""

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch
from torch import nn

from poseforge.engine.manifest import commit, cpu_model
from poseforge.profiling.advice import Situation, advised
from poseforge.profiling.ceilings import measured_ceilings
from poseforge.profiling.limits import with_limit
from poseforge.profiling.record import Ceilings, Layer, Profile, Spread, Work
from poseforge.profiling.spans import STEP, Key, Recorder, SpanTime
from poseforge.profiling.step_bar import bar_of
from poseforge.profiling.subject import Subject
from poseforge.profiling.tracing import Traced, trace
from poseforge.profiling.tree import build_tree
from poseforge.profiling.work import WorkCounter

_WARM_UP = {"cpu": 1, "cuda": 3}  # steps that are not counted
_BURST = {"cpu": 1, "cuda": 5}  # steps of a timing without hooks: a GPU works on several at a time


@dataclass(frozen=True)
class Measured:
    """What alternating steps took.

    Attributes:
        plain_s: Seconds a step without hooks.
        hooked_s: Seconds of each step with hooks.
        spans: Of each step with hooks.
    """

    plain_s: list[float]
    hooked_s: list[float]
    spans: list[list[SpanTime]]


def profile(subject: Subject, steps: int, trace_file: Path) -> Profile:
    """Profile a model and trace some steps.

    Args:
        subject: What is profiled.
        steps: How many steps are measured, with hooks and without.
        trace_file: Where the trace goes, `*.pt.trace.json`.

    Raises:
        ValueError: `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"steps={steps}; profile 1 step or more")
    [measured] = alternate([subject], steps)
    work = count_work(subject)
    traced = trace(subject, trace_file)
    amp, channels_last = subject.config.optim.amp, subject.config.train.channels_last
    ceilings = measured_ceilings(subject.device, amp, channels_last=channels_last)
    layers = layers_of(subject, measured, work, traced, ceilings)
    plain = Spread.of(measured.plain_s)
    return Profile(
        name=subject.config.name,
        settings=_settings(subject, steps),
        machine=_machine(subject.device),
        versions={"python": platform.python_version(), "torch": torch.__version__},
        commit=commit(),
        date=datetime.now(timezone.utc).date().isoformat(),
        batch_size=subject.batch_size,
        step_s=plain,
        hooked_s=Spread.of(measured.hooked_s),
        layers_s=sum(layer.own_s.median for layer in layers if layer.name != STEP),
        ceilings=ceilings,
        layers=tuple(advised(layers, ceilings, _situation(subject))),
        bar=bar_of(measured.spans),
        memory=traced.memory,
        notes=tuple(_notes(subject)),
    )


def alternate(subjects: Sequence[Subject], steps: int) -> list[Measured]:
    """Measure the steps of several subjects in turn, each with hooks and without.

    So whatever slows the machine down for a while slows all of them.

    Args:
        subjects: Whose steps.
        steps: How many of each.
    """
    found = [Measured([], [], []) for _ in subjects]
    warm_up = _WARM_UP[subjects[0].device.type]
    for round_ in range(warm_up + steps):
        for subject, measured in zip(subjects, found, strict=True):
            plain = _plain_s(subject, _BURST[subject.device.type])
            recorder = Recorder(subject.device)
            with subject.watched(recorder):
                subject.finish()
                start = time.perf_counter()
                subject.step(recorder)
                subject.finish()
                hooked = time.perf_counter() - start
            if round_ >= warm_up:
                measured.plain_s.append(plain)
                measured.hooked_s.append(hooked)
                measured.spans.append(recorder.take())
    return found


def _plain_s(subject: Subject, burst: int) -> float:
    subject.finish()
    start = time.perf_counter()
    for _ in range(burst):
        subject.step()
    subject.finish()
    return (time.perf_counter() - start) / burst


def count_work(subject: Subject) -> dict[Key, Work]:
    """Count what each part of one step has to do.

    Compiled code does not tell; its regions get the arithmetic of all modules that they are made
    of, which fusing does not change, and none of their bytes, which it does.
    """
    recorder = Recorder(subject.device)
    with (
        subject.uncompiled(),
        subject.watched(recorder),
        WorkCounter(recorder) as counter,
    ):
        subject.step(recorder)
    subject.finish()
    found = dict(counter.work)
    for region, modules in subject.regions.items():
        for direction in ("forward", "backward"):
            keys = [Key(name, direction) for name in modules]
            flops = sum(found.pop(key, Work()).flops for key in keys)
            found[Key(region, direction)] = Work(flops=flops, operations=1)
    return found


def layers_of(
    subject: Subject,
    measured: Measured,
    work: Mapping[Key, Work],
    traced: Traced,
    ceilings: Ceilings,
) -> list[Layer]:
    """Return the tree of layers with limits, kernels and memory."""
    layers = build_tree(measured.spans, subject.estimator, work, trains=subject.mode == "train")
    on_gpu = subject.device.type == "cuda"
    found = []
    for layer in layers:
        kernels = traced.kernels.get(layer.name, ())
        kernel_s = sum(kernel.seconds for kernel in kernels) if on_gpu else None
        peak = traced.peak_bytes.get(layer.name)
        full = replace(layer, kernels=kernels, kernel_s=kernel_s, peak_bytes=peak)
        found.append(with_limit(full, ceilings))
    return found


def _settings(subject: Subject, steps: int) -> dict[str, Any]:
    config = subject.config
    width, height = subject.estimator.codec.input_size
    return {
        "mode": subject.mode,
        "device": str(subject.device),
        "batch size": subject.batch_size,
        "input": f"{width} × {height}",
        "precision": config.optim.amp or "fp32",
        "layout": "channels-last" if config.train.channels_last else "channels-first",
        "compile": config.train.compile or "no",
        "data": subject.data,
        "steps": steps,
    }


def _machine(device: torch.device) -> dict[str, Any]:
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {"cpu": cpu_model(), "threads": torch.get_num_threads(), "gpu": gpu}


def _situation(subject: Subject) -> Situation:
    config = subject.config
    amp, channels_last = config.optim.amp, config.train.channels_last
    plain = measured_ceilings(subject.device, amp, channels_last=channels_last)
    half = measured_ceilings(subject.device, "bf16", channels_last=channels_last)
    return Situation(
        trains=subject.mode == "train",
        precision=amp or "fp32",
        channels_last=channels_last,
        compiled=config.train.compile is not None,
        batch_size=subject.batch_size,
        half=half if half.flops_per_s > plain.flops_per_s else None,
        other_layout=measured_ceilings(subject.device, amp, channels_last=not channels_last),
        of_pictures=frozenset(
            name
            for name, module in subject.estimator.named_modules()
            if isinstance(module, nn.Conv2d) and module.in_channels <= 4
        ),
    )


def _notes(subject: Subject) -> list[str]:
    notes = []
    if subject.is_noise:
        notes.append(f"The input is {subject.data}.")
    for name, modules in subject.regions.items():
        made_of = ", ".join(modules) or "no module"
        notes.append(
            f"{name} was made of {made_of}; how its time is shared among them is not known."
        )
    if subject.device.type == "cpu":
        notes.append(
            "What fits the processor's caches is not read from memory, so that a layer may be "
            "faster than its limit."
        )
    return notes
