"""Processes: start under torchrun or Slurm, agree on flags, gather predictions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import Store

from poseforge.engine import launchers

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


def choose_device(name: str | None, world: World) -> torch.device:
    """Return the device to run on: the one named, else a GPU where there is one.

    Raises:
        ValueError: The device is not there or not known.
    """
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"device='{name}' is not a device; use 'cpu' or 'cuda'") from error
    if device.type == "cuda":
        return _choose_gpu(device, world)
    if device.type != "cpu":
        raise ValueError(f"device='{name}' is not supported; use 'cpu' or 'cuda'")
    return device


def _choose_gpu(device: torch.device, world: World) -> torch.device:
    number = device.index if device.index is not None else world.local_rank
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if number >= count:
        raise ValueError(
            f"device='cuda:{number}' is not there: this machine has {count} usable GPUs; "
            "use device='cpu' or another number"
        )
    device = torch.device("cuda", number)
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
