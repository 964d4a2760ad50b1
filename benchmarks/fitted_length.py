"""How long a training is so that it ends with its call: a trial measures its speed first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import Any

from benchmarks.commands import run_until
from poseforge.engine.config import RunConfig, load_config

WARMUP = 30  # steps that are not timed: workers have made their first batches before
TIMED_S, LIMIT_S = 20.0, 180.0  # of the steps that are; of the trial
VALIDATIONS, VALIDATION_S = 4, 6.0
SHARE = 0.95  # of the time that is planned with
ENDLESS = (
    "train_cfg.max_epochs=None",
    "train_cfg.max_iters=1000000000",
    "train_cfg.val_interval=1000000000",
)


@dataclass(frozen=True)
class Speed:
    """What a trial has measured.

    Attributes:
        start_s: From the command to its first step.
        step_s: A step.
        epoch_steps: Steps of an epoch.
    """

    start_s: float
    step_s: float
    epoch_steps: int


def fitted_length(config: RunConfig, command: Sequence[str], seconds: float) -> list[str]:
    """Return overrides with which a training, validations included, takes so long.

    Args:
        config: The training's.
        command: What trains it, for Python; a run of its own is begun with it and thrown away.
        seconds: How long the trial and the training may take together.

    Raises:
        ValueError: The training has several phases, or there is no time for an epoch.
    """
    if config.train.phase_starts:
        raise ValueError("--fit measures one phase, and this training has several; give --epochs")
    start = time()
    speed = measure_speed(command)
    return planned_length(config, speed, seconds - (time() - start))


def planned_length(config: RunConfig, speed: Speed, seconds: float) -> list[str]:
    """Return the overrides for what a trial has measured, and the seconds that are left.

    Raises:
        ValueError: There is no time for an epoch, or for steps, if the config counts these.
    """
    left = SHARE * (seconds - speed.start_s - VALIDATIONS * VALIDATION_S)
    by_steps = config.train.max_iters is not None
    length = int(left / speed.step_s / (1 if by_steps else speed.epoch_steps))
    if length < 1:
        raise ValueError(
            f"{left:.0f} s of training are too few for {'a step' if by_steps else 'an epoch'}, "
            f"at {speed.step_s:.3g} s a step; give more --minutes"
        )
    return _length("max_iters" if by_steps else "max_epochs", length, -(-length // VALIDATIONS))


def length_of_run(folder: Path) -> list[str]:
    """Return the overrides with which a run goes on as long as it was planned."""
    settings = load_config(folder / "config.py").train
    kind = "max_epochs" if settings.max_iters is None else "max_iters"
    return _length(kind, getattr(settings, kind), settings.val_interval)


def measure_speed(command: Sequence[str]) -> Speed:
    """Train for a while, in a folder that is thrown away.

    Args:
        command: For Python; it ends with overrides of a config.

    Raises:
        ValueError: There were too few steps in three minutes.
        subprocess.CalledProcessError: The training failed.
    """
    with TemporaryDirectory() as name:
        folder, start = Path(name), time()

        def is_enough() -> bool:
            steps = _timed(folder)
            return bool(steps) and steps[-1]["time"] - steps[0]["time"] >= TIMED_S

        run_until([*command, *ENDLESS, "--work-dir", name], is_enough, LIMIT_S)
        steps = _timed(folder)
        if len(steps) < 2:
            raise ValueError(f"there were fewer than {WARMUP + 2} steps in {LIMIT_S:g} s of trial")
        manifest = json.loads((folder / "manifest.json").read_text())
        config = load_config(folder / "config.py")
        batch_size = config.section("train_dataloader").batch_size
        took = steps[-1]["time"] - steps[0]["time"]
        count = steps[-1]["iteration"] - steps[0]["iteration"]
        return Speed(
            start_s=_steps(folder)[0]["time"] - start,
            step_s=took / count,
            epoch_steps=max(1, manifest["data"]["train"]["people"] // batch_size),
        )


def _timed(folder: Path) -> list[dict[str, Any]]:
    return _steps(folder)[WARMUP:]


def _steps(folder: Path) -> list[dict[str, Any]]:
    path = folder / "steps.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _length(kind: str, length: int, val_interval: int) -> list[str]:
    other = "max_epochs" if kind == "max_iters" else "max_iters"
    return [
        f"train_cfg.{other}=None",
        f"train_cfg.{kind}={length}",
        f"train_cfg.val_interval={val_interval}",
    ]
