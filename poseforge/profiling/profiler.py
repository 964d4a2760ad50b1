"""Profile a config's model: layers, limits, the whole step, memory."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import nn

from poseforge.engine.config import RunConfig
from poseforge.engine.manifest import commit, cpu_model
from poseforge.models.estimators.base import Estimator
from poseforge.profiling.advice import Situation, advised
from poseforge.profiling.ceilings import measured_ceilings
from poseforge.profiling.limits import raised, with_limit
from poseforge.profiling.measuring import Measured, alternate, count_work
from poseforge.profiling.record import Layer, Profile, Spread, Work
from poseforge.profiling.spans import STEP, Key
from poseforge.profiling.step_bar import bar_of
from poseforge.profiling.subject import Mode, Subject
from poseforge.profiling.tracing import Traced, trace
from poseforge.profiling.tree import build_tree


@dataclass(frozen=True)
class Run:
    """What ran.

    Attributes:
        config: Its config.
        estimator: Its model.
        device: Where.
        mode: "train" or "infer".
        batch_size: Images a step.
        data: Where its batches were from, in words.
        is_noise: Whether they were made up.
        regions: The modules of each compiled region.
    """

    config: RunConfig
    estimator: Estimator
    device: torch.device
    mode: Mode
    batch_size: int
    data: str
    is_noise: bool = False
    regions: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
    run = Run(
        subject.config,
        subject.estimator,
        subject.device,
        subject.mode,
        subject.batch_size,
        subject.data,
        subject.is_noise,
        subject.regions,
    )
    return put_together(run, measured, work, traced)


def put_together(run: Run, measured: Measured, work: Mapping[Key, Work], traced: Traced) -> Profile:
    """Return the profile of what was measured, counted and traced.

    Args:
        run: What ran.
        measured: Its steps.
        work: What each part has to do.
        traced: What a trace told.
    """
    amp, channels_last = run.config.optim.amp, run.config.train.channels_last
    tree = build_tree(measured.spans, run.estimator, work, trains=run.mode == "train")
    ceilings = raised(measured_ceilings(run.device, amp, channels_last=channels_last), tree)
    layers = [with_limit(layer, ceilings) for layer in _traced_layers(run, tree, traced)]
    return Profile(
        name=run.config.name,
        settings=_settings(run, len(measured.hooked_s)),
        machine=_machine(run.device),
        versions={"python": platform.python_version(), "torch": torch.__version__},
        commit=commit(),
        date=datetime.now(UTC).date().isoformat(),
        batch_size=run.batch_size,
        step_s=Spread.of(measured.plain_s),
        hooked_s=Spread.of(measured.hooked_s),
        layers_s=sum(layer.own_s.median for layer in layers if layer.name != STEP),
        ceilings=ceilings,
        layers=tuple(advised(layers, ceilings, _situation(run))),
        bar=bar_of(measured.spans),
        memory=traced.memory,
        notes=tuple(_notes(run)),
    )


def _traced_layers(run: Run, tree: Sequence[Layer], traced: Traced) -> Iterator[Layer]:
    """Give the tree's layers with their kernels and memory."""
    on_gpu = run.device.type == "cuda"
    for layer in tree:
        kernels = traced.kernels.get(layer.name, ())
        kernel_s = sum(kernel.seconds for kernel in kernels) if on_gpu else None
        peak = traced.peak_bytes.get(layer.name)
        yield replace(layer, kernels=kernels, kernel_s=kernel_s, peak_bytes=peak)


def _settings(run: Run, steps: int) -> dict[str, Any]:
    config = run.config
    width, height = run.estimator.codec.input_size
    return {
        "mode": run.mode,
        "device": str(run.device),
        "batch size": run.batch_size,
        "input": f"{width} × {height}",
        "precision": config.optim.amp or "fp32",
        "layout": "channels-last" if config.train.channels_last else "channels-first",
        "compile": config.train.compile or "no",
        "data": run.data,
        "steps": steps,
    }


def _machine(device: torch.device) -> dict[str, Any]:
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {"cpu": cpu_model(), "threads": torch.get_num_threads(), "gpu": gpu}


def _situation(run: Run) -> Situation:
    config = run.config
    amp, channels_last = config.optim.amp, config.train.channels_last
    plain, half, other = (
        measured_ceilings(run.device, precision, channels_last=layout, again=False)
        for precision, layout in (
            (amp, channels_last),
            ("bf16", channels_last),
            (amp, not channels_last),
        )
    )
    return Situation(
        trains=run.mode == "train",
        precision=amp or "fp32",
        channels_last=channels_last,
        compiled=config.train.compile is not None,
        batch_size=run.batch_size,
        half=half if half.flops_per_s > plain.flops_per_s else None,
        other_layout=other,
        of_pictures=frozenset(
            name
            for name, module in run.estimator.named_modules()
            if isinstance(module, nn.Conv2d) and module.in_channels <= 4
        ),
    )


def _notes(run: Run) -> list[str]:
    notes = []
    if run.is_noise:
        notes.append(f"The input is {run.data}.")
    for name, modules in run.regions.items():
        made_of = ", ".join(modules) or "no module"
        notes.append(
            f"{name} was made of {made_of}; how its time is shared among them is not known."
        )
    if run.device.type == "cpu":
        notes.append(
            "What fits the processor's caches is not read from memory, so that a layer may be "
            "faster than its limit."
        )
    return notes
