"""Processes: start under torchrun or Slurm, agree on flags, gather predictions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import Store

from poseforge.engine import launchers
from poseforge.models.device import choose_device

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """Which of how many processes this is.

    Args:
        rank: This process.
        size: All processes.
        local_rank: This process among those of its machine.
        store: What the processes write for each other; None where this one is alone.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    store: Store | None = field(default=None, compare=False, repr=False)

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0


def claim_device(name: str | None, world: World) -> torch.device:
    """Return the device that this process runs on, and make a GPU CUDA's current one.

    Raises:
        ValueError: The device is not there or not known.
    """
    device = choose_device(name, world.local_rank)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def start(launcher: str, device: str | None) -> World:
    """Join the process group that the launcher made.

    Args:
        launcher: "none" for one process, "pytorch" under torchrun, "slurm" under srun.
        device: The config's device; decides between NCCL and Gloo.

    Raises:
        ValueError: The launcher is not known, its environment is missing, or its port is in use.
    """
    if launcher == "none":
        return World()
    rank, size, local = launchers.numbers(launcher)
    store = launchers.meet(rank, size)
    on_gpu = device != "cpu" and torch.cuda.is_available()
    backend = "nccl" if on_gpu else "gloo"
    dist.init_process_group(
        backend, timeout=launchers.TIMEOUT, store=store, rank=rank, world_size=size
    )
    return World(rank, size, local, store)


def stop() -> None:
    """Leave the process group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def decided_by_first(decide: Callable[[], T]) -> T:
    """Return what process 0 decides: others may see a shared disk's files later."""
    if not dist.is_initialized():
        return decide()
    choice: list[Any] = [decide() if dist.get_rank() == 0 else None]
    dist.broadcast_object_list(choice, src=0)
    return choice[0]  # type: ignore[no-any-return]


def any_process(flags: torch.Tensor) -> torch.Tensor:
    """Return the elementwise maximum of (F,) flags over all processes."""
    if dist.is_initialized():
        dist.all_reduce(flags, op=dist.ReduceOp.MAX)
    return flags


def mean_over_processes(values: torch.Tensor) -> torch.Tensor:
    """Return the mean of values over all processes."""
    if dist.is_initialized():
        values = values.clone()
        dist.all_reduce(values)
        values /= dist.get_world_size()
    return values


def gather(item: Any) -> list[Any]:
    """Return every process's item, in rank order, on every process."""
    if not dist.is_initialized():
        return [item]
    items: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(items, item)
    return items
