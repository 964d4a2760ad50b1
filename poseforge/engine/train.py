"""Train: from a config to weights, curves and a table."""

import json
import os
import pprint
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from rich.console import Console
from torch.utils.data import DataLoader

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import build_loader
from poseforge.engine import distributed
from poseforge.engine.adapters import RunnerModel
from poseforge.engine.checkpoint import find_resume, read_training
from poseforge.engine.checks import check_dataset, check_samples, check_work_dir
from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World, choose_device
from poseforge.engine.hooks import (
    AveragingHook,
    EarlyStopHook,
    Hook,
    PicturesHook,
    ProgressHook,
    RecordHook,
    ScheduleHook,
)
from poseforge.engine.loops import TrainingInterrupted, Validation
from poseforge.engine.manifest import manifest
from poseforge.engine.runner import PoseRunner
from poseforge.engine.settings import LoaderSettings
from poseforge.models.build import build_estimator
from poseforge.registry import DATASETS, HOOKS, METRICS, TRANSFORMS, build


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


def build_data(
    role: str, settings: LoaderSettings, config: RunConfig, world: World, *, train: bool
) -> tuple[PoseDataset, DataLoader[Any]]:
    """Build one of a config's data sets and its loader.

    Args:
        role: The config's key, for messages.
        settings: The section.
        config: The config.
        world: Which process this is.
        train: Whether batches are drawn at random, epoch by epoch.
    """
    dataset: PoseDataset = build(settings.dataset, DATASETS)
    transforms = [build(transform, TRANSFORMS) for transform in settings.transforms]
    loader = build_loader(
        dataset,
        transforms,
        batch_size=settings.batch_size,
        num_workers=settings.num_workers,
        seed=config.values["seed"],
        train=train,
        rank=world.rank,
        world_size=world.size,
        pin_memory=torch.cuda.is_available(),
    )
    return dataset, loader


def train(config: RunConfig, console: Console, *, launcher: str, resume: str | None) -> Outcome:
    """Train the model of a config.

    Args:
        config: What to train on what.
        console: Where to speak.
        launcher: "none", or "pytorch" under torchrun.
        resume: None, "auto" for the run folder's last checkpoint, or a path.

    Raises:
        SetupError: Parts of the config do not fit together.
        CheckpointError: There is nothing to resume, or it is of another model.
        NonFiniteLossError: The loss became infinite or not a number.
    """
    world = distributed.start(launcher, config.values["device"])
    try:
        return _train(config, console, world, resume)
    finally:
        distributed.stop()


def _train(config: RunConfig, console: Console, world: World, resume: str | None) -> Outcome:
    device = choose_device(config.values["device"], world)
    work_dir = Path(config.values["work_dir"] or f"work_dirs/{config.name}")
    check_work_dir(work_dir)
    found = find_resume(work_dir, resume)
    torch.manual_seed(config.values["seed"])
    estimator = build_estimator(config.model).to(device)
    loaders = _build_loaders(config, world, estimator)
    state = None if found is None else read_training(found)
    if world.is_main:
        datasets = {role: loader.dataset.dataset for role, loader in loaders.items()}
        record = manifest(config.values["seed"], device, world, datasets)
        _write_start(work_dir, config, record)
    settings = config.train
    recorder = RecordHook(work_dir, settings.log_interval)
    progress = ProgressHook(console, recorder) if world.is_main else None
    model = RunnerModel(estimator, device, world, channels_last=settings.channels_last)
    runner = PoseRunner(
        model,
        config,
        work_dir,
        loaders["train_dataloader"],
        validation=_validation(config, loaders),
        hooks=[hook for hook in (*_hooks(config, work_dir), recorder, progress) if hook],
        world=world,
        state=state,
    )
    try:
        with _stop_on_signal(model, console) as caught:
            runner.train()
    except TrainingInterrupted:
        return Outcome(work_dir, caught[0] if caught else signal.SIGTERM, runner.history)
    finally:
        if progress:
            progress.close()
    return Outcome(work_dir, None, runner.history)


def _build_loaders(config: RunConfig, world: World, estimator: Any) -> dict[str, DataLoader[Any]]:
    loaders = {}
    for role in ("train_dataloader", "val_dataloader"):
        if role == "val_dataloader" and config.values.get(role) is None:
            continue
        section = config.section(role)
        dataset, loader = build_data(role, section, config, world, train=role == "train_dataloader")
        check_dataset(role, dataset, estimator)
        check_samples(role, loader, estimator.codec)
        loaders[role] = loader
    return loaders


def _validation(config: RunConfig, loaders: dict[str, DataLoader[Any]]) -> Validation | None:
    loader = loaders.get("val_dataloader")
    if loader is None:
        return None
    return Validation(loader, loader.dataset.dataset, build_metrics(config), config.optim.amp)  # type: ignore[attr-defined]


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
    texts = {
        "config.py": "\n".join(lines) + "\n",
        "manifest.json": json.dumps(record, indent=2) + "\n",
    }
    for name, text in texts.items():
        aside = work_dir / f".{name}.tmp"
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, work_dir / name)


@contextmanager
def _stop_on_signal(model: RunnerModel, console: Console) -> Iterator[list[int]]:
    """Ask the model to stop after its iteration; a second signal stops at once."""
    caught: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        model.stop_requested = True
        console.print("stopping after this iteration, then saving; again stops at once")
        for other, handler in before.items():
            signal.signal(other, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
