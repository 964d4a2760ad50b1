"""Train: from a config to weights, curves and a table."""

import json
import os
import pprint
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from rich.console import Console
from torch import nn

from poseforge.datasets.workers import naming_dead_workers
from poseforge.engine import distributed
from poseforge.engine.adapters import RunnerModel
from poseforge.engine.checkpoint import find_resume, read_training
from poseforge.engine.checks import check_work_dir
from poseforge.engine.config import RunConfig
from poseforge.engine.data import Source, build_source
from poseforge.engine.distributed import World, claim_device
from poseforge.engine.hooks import (
    AveragingHook,
    EarlyStopHook,
    Hook,
    PhaseHook,
    PicturesHook,
    ProgressHook,
    RecordHook,
    ScheduleHook,
)
from poseforge.engine.launchers import is_restarted
from poseforge.engine.learning_rate import scaled_rate
from poseforge.engine.loops import TrainingInterrupted, Validation
from poseforge.engine.manifest import manifest
from poseforge.engine.phases import check_phases, plain_batches
from poseforge.engine.process_group import joined
from poseforge.engine.runner import PoseRunner
from poseforge.engine.strategies import check_strategy
from poseforge.files import write_text
from poseforge.models.build import build_estimator
from poseforge.models.estimators.base import Estimator
from poseforge.registry import HOOKS, METRICS, build


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes:
        work_dir: The run's folder.
        interrupted: The signal that stopped it, or None where it ran to its end.
        history: The validations' results.
    """

    work_dir: Path
    interrupted: int | None
    history: list[dict[str, Any]]


def train(config: RunConfig, console: Console, *, launcher: str, resume: str | None) -> Outcome:
    """Train the model of a config.

    Args:
        config: What to train on what.
        console: Where to speak.
        launcher: "none", "pytorch" under torchrun, or "slurm" under srun.
        resume: None, "auto" for the run folder's last checkpoint, or a path.

    Raises:
        SetupError: Parts of the config do not fit together.
        CheckpointError: There is nothing to resume, or it is of another model.
        NonFiniteLossError: The loss became infinite or not a number.
        WorkerDiedError: A process that loads data has died.
    """
    with joined(launcher, config.values["device"]) as world, ExitStack() as closing:
        return _train(config, console, world, resume, closing)


def _train(
    config: RunConfig, console: Console, world: World, resume: str | None, closing: ExitStack
) -> Outcome:
    device = claim_device(config.values["device"], world)
    work_dir = Path(config.values["work_dir"] or f"work_dirs/{config.name}")
    check_work_dir(work_dir)
    restarted = any(distributed.gather(is_restarted()))
    found = distributed.decided_by_first(lambda: find_resume(work_dir, resume, restarted=restarted))
    if device.type == "cpu":
        _share_cores(config.section("train_dataloader").num_workers, world)
    torch.manual_seed(config.values["seed"])
    estimator = _build_estimator(config, device)
    sources = _build_sources(config, estimator, world, closing)
    state = None if found is None else read_training(found)
    if world.is_main:
        datasets = {role: source.dataset for role, source in sources.items()}
        record = manifest(config.values["seed"], device, world, datasets)
        rate = scaled_rate(config, world)
        _write_start(work_dir, config, {**record, "learning_rate": rate and str(rate)})
    model = RunnerModel(
        estimator,
        device,
        world,
        channels_last=config.train.channels_last,
        strategy=config.train.strategy,
        compile=config.train.compile,
    )
    hooks = list(_hooks(config, work_dir))
    check_phases(config, estimator)
    if estimator.phases > 1:
        hooks.append(PhaseHook(lambda: plain_batches(config, sources["train"], device, world)))
    recorder = RecordHook(work_dir, config.train.log_interval)
    if world.is_main:
        hooks.append(ProgressHook(console, recorder))
        closing.callback(hooks[-1].close)
    validation = None
    if "val" in sources:
        validation = Validation(sources["val"], build_metrics(config), config.optim.amp)
    runner = PoseRunner(
        model,
        config,
        work_dir,
        sources["train"],
        validation=validation,
        hooks=[*hooks, recorder],
        world=world,
        state=state,
    )
    try:
        with _stop_on_signal(model, console) as caught, naming_dead_workers():
            runner.train()
    except TrainingInterrupted:
        return Outcome(work_dir, caught[0] if caught else signal.SIGTERM, runner.history)
    return Outcome(work_dir, None, runner.history)


def _build_estimator(config: RunConfig, device: torch.device) -> Estimator:
    estimator = build_estimator(config.model).to(device)
    check_strategy(config, estimator, device)
    if config.train.sync_batch_norm:
        nn.SyncBatchNorm.convert_sync_batchnorm(estimator)
    return estimator


def _build_sources(
    config: RunConfig, estimator: Estimator, world: World, closing: ExitStack
) -> dict[str, Source]:
    sources = {}
    for role in ("train", "val"):
        if config.values.get(f"{role}_dataloader") is not None or role == "train":
            source = build_source(
                f"{role}_dataloader", config, estimator, world, train=role == "train"
            )
            closing.callback(source.close)
            sources[role] = source
    return sources


def _share_cores(num_workers: int, world: World) -> None:
    """Leave a core to every worker: threads that wait for a busy core cost more than they bring."""
    if "OMP_NUM_THREADS" not in os.environ:
        cores = (os.cpu_count() or 1) // world.size
        torch.set_num_threads(max(1, cores - num_workers))


def build_metrics(config: RunConfig) -> list[Any]:
    """Build the config's metrics; the first one's first value is the headline."""
    return [build(metric, METRICS) for metric in config.values.get("metrics") or [{"type": "PCK"}]]


def _hooks(config: RunConfig, work_dir: Path) -> Iterator[Hook]:
    yield ScheduleHook(config.schedule)
    if config.ema is not None:
        yield AveragingHook(config.ema.momentum)
    if config.train.early_stop is not None:
        yield EarlyStopHook(config.train.early_stop)
    yield PicturesHook(work_dir)
    for hook in config.values["custom_hooks"]:
        yield build(hook, HOOKS)


def _write_start(work_dir: Path, config: RunConfig, record: dict[str, Any]) -> None:
    lines = (f"{key} = {pprint.pformat(value, width=96)}" for key, value in config.values.items())
    write_text(work_dir / "config.py", "\n".join(lines) + "\n")
    write_text(work_dir / "manifest.json", json.dumps(record, indent=2) + "\n")


@contextmanager
def _stop_on_signal(model: RunnerModel, console: Console) -> Iterator[list[int]]:
    """Ask the model to stop after its iteration; a second Ctrl-C stops at once.

    A second SIGTERM does not: torchrun and Slurm may each send one.
    """
    caught: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if model.stop_requested:
            return
        model.stop_requested = True
        # Workers that the same signal ends are no error: nothing more is asked of them.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        console.print("stopping after this iteration, then saving; Ctrl-C stops at once")
        signal.signal(signal.SIGINT, before[signal.SIGINT])

    for number in before:
        signal.signal(number, ask)
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
