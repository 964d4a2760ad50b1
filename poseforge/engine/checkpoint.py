"""Write checkpoints that hold a run to the last bit, and go on from them.

A file holds tensors and plain types only, and is read with `weights_only=True`. For inference it
carries the (averaged) weights, the config, the skeleton and the codec; for resuming, everything
that the next iteration depends on. It is written beside its place, flushed to the disk and renamed,
so that neither a full disk nor a kill loses the file that was there before.
"""

import dataclasses
from pathlib import Path
from typing import Any

import torch

from poseforge.engine import distributed
from poseforge.engine.config import RunConfig
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.engine.strategies import (
    is_shared,
    shared_like,
    shared_optimizer_state,
    shared_weights,
    whole,
)
from poseforge.files import replacing
from poseforge.models.checkpoints import FORMAT, CheckpointError, load_weights, read_checkpoint
from poseforge.models.estimators.base import Estimator

State = dict[str, Any]


def write_checkpoint(state: State, path: Path) -> None:
    """Write a checkpoint so that `path` is either the old file or the whole new one.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    try:
        with replacing(path) as aside:
            torch.save(state, aside)
    except (OSError, RuntimeError) as error:  # torch wraps a full disk into a RuntimeError
        raise OSError(
            f"cannot write the checkpoint {path}: {error}; the checkpoint that was there before is "
            "unharmed: free some space, then go on with --resume"
        ) from error


def describe(estimator: Estimator, config: RunConfig) -> State:
    """Return what inference needs besides the weights, as plain types."""
    return {
        "format": FORMAT,
        "config": {"name": config.name, **_plain(config.values)},
        "skeleton": _plain(dataclasses.asdict(estimator.skeleton)),
        "codec": {"type": type(estimator.codec).__name__, **_plain(vars(estimator.codec))},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def capture_training(
    estimator: Estimator, optim: AutocastOptimWrapper, position: dict[str, int]
) -> State:
    """Return what resuming needs, the same for any strategy: every process must call it.

    What process 0 gets is whole; the others help it.

    Args:
        estimator: The model, with the weights that are trained (not their average).
        optim: The optimizer.
        position: `epoch`, `batches_done` of it, and `iteration`.
    """
    generators: dict[str, torch.Tensor] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        generators["cuda"] = torch.cuda.get_rng_state()
    return {
        **position,
        "model": whole(estimator.state_dict()),
        "optimizer": whole(optim.optimizer.state_dict()),
        "scaler": optim.scaler.state_dict(),
        "gradients": {} if optim.window_is_closed else _waiting_gradients(estimator),
        "generators": distributed.gather(generators),
    }


def _waiting_gradients(estimator: Estimator) -> dict[str, torch.Tensor]:
    """Return the mean of all processes' gradients: what they will make of them at a step."""
    waiting = {n: p.grad for n, p in estimator.named_parameters() if p.grad is not None}
    if is_shared(estimator):  # a share is of the mean
        return whole(waiting)
    return {name: distributed.mean_over_processes(grad) for name, grad in waiting.items()}


def restore_training(
    state: State, estimator: Estimator, optim: AutocastOptimWrapper, rank: int
) -> None:
    """Put a captured state back.

    Raises:
        CheckpointError: The state is of another model or optimizer.
    """
    weights = shared_weights(state["model"], estimator)
    load_weights(estimator, weights, "the checkpoint to resume from")
    try:
        optim.optimizer.load_state_dict(shared_optimizer_state(state["optimizer"], optim.optimizer))
    except ValueError as error:
        raise CheckpointError(
            f"the checkpoint to resume from has another optimizer: {error}; start anew without "
            "--resume, or restore the config that it was trained with"
        ) from error
    optim.scaler.load_state_dict(state["scaler"])
    for name, parameter in estimator.named_parameters():
        gradient = state["gradients"].get(name)
        if gradient is not None:
            gradient = shared_like(gradient.to(parameter.device), parameter)
        parameter.grad = gradient
    generators = state["generators"][rank % len(state["generators"])]
    torch.set_rng_state(generators["cpu"])
    if "cuda" in generators and torch.cuda.is_available():
        torch.cuda.set_rng_state(generators["cuda"])


def find_resume(work_dir: Path, resume: str | None, *, restarted: bool = False) -> Path | None:
    """Return the checkpoint that `--resume` means, or None where nothing is to be resumed.

    Args:
        work_dir: The run's folder.
        resume: None, "auto" for the run's own last checkpoint, or a path.
        restarted: The run has failed and was started again: it goes on from its own last
            checkpoint, whatever `resume` is, and if it has saved none yet, as it began.

    Raises:
        CheckpointError: There is nothing to resume, or a run that a new one would overwrite.
    """
    if restarted and (work_dir / "last.pth").is_file():
        return work_dir / "last.pth"
    if resume is None:
        if not restarted and any((work_dir / name).exists() for name in ("last.pth", "best.pth")):
            raise CheckpointError(
                f"the folder {work_dir} holds a run already; go on with --resume, name another "
                "folder with --work-dir, or move this one away"
            )
        return None
    path = work_dir / "last.pth" if resume == "auto" else Path(resume)
    if not path.is_file():
        raise CheckpointError(
            f"there is nothing to resume: {path} does not exist; start without --resume, or name "
            "the run's folder with --work-dir"
        )
    return path


def read_training(path: Path) -> State:
    """Read a checkpoint that can be resumed.

    Raises:
        CheckpointError: The file is broken, refused, or holds weights only.
    """
    state = read_checkpoint(path)
    if "training" not in state:
        raise CheckpointError(
            f"{path} holds weights without the state of a training; resume from a run's last.pth"
        )
    return state
