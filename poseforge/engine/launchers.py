"""Find the other processes that torchrun or srun has started."""

import os
import subprocess
import time
import uuid
from datetime import timedelta

from torch.distributed import DistNetworkError
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

TIMEOUT = timedelta(minutes=30)


def numbers(launcher: str) -> tuple[int, int, int]:
    """Return this process's rank, the number of all, and its rank on its machine.

    Args:
        launcher: "pytorch" under torchrun, "slurm" under srun.

    Raises:
        ValueError: The launcher is not known, or its environment is missing.
    """
    if launcher not in ("pytorch", "slurm"):
        raise ValueError(f"--launcher {launcher} is not known; use none, pytorch or slurm")
    if launcher == "slurm":
        _name_as_torch_does()
    try:
        rank, size, local = (int(os.environ[key]) for key in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    except KeyError as error:
        raise ValueError(
            f"--launcher pytorch needs the variable {error} that torchrun sets; start with "
            "torchrun --nproc-per-node N tools/train.py CONFIG --launcher pytorch"
        ) from error
    return rank, size, local


def _name_as_torch_does() -> None:
    """Set torchrun's variables from those of srun, where they are not set.

    Raises:
        ValueError: This is no step of a Slurm job.
    """
    given = os.environ
    try:
        values = {
            "RANK": given["SLURM_PROCID"],
            "WORLD_SIZE": given["SLURM_NTASKS"],
            "LOCAL_RANK": given["SLURM_LOCALID"],
            "MASTER_PORT": str(20000 + int(given["SLURM_JOB_ID"]) % 10000),
        }
        nodes = given["SLURM_JOB_NODELIST"]
    except KeyError as error:
        raise ValueError(
            f"--launcher slurm needs the variable {error} that srun sets; start with "
            "srun --ntasks-per-node N python tools/train.py CONFIG --launcher slurm"
        ) from error
    command = ["scontrol", "show", "hostnames", nodes]
    hosts = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    for key, value in {**values, "MASTER_ADDR": hosts[0]}.items():
        given.setdefault(key, value)


def is_restarted() -> bool:
    """Return whether this machine's processes have run before, with the same command."""
    counts = (os.environ.get(f"{name}_RESTART_COUNT", "0") for name in ("TORCHELASTIC", "SLURM"))
    return any(int(number) > 0 for number in counts)


def meet(rank: int, size: int) -> Store:
    """Return a store of these processes alone, empty.

    It is a part of the one that torchrun's agent keeps, or without an agent of one that process 0
    opens.

    Raises:
        ValueError: Its port is in use.
        TimeoutError: Not all processes have come.
    """
    try:
        store: Store = next(rendezvous("env://", rank, size, timeout=TIMEOUT))[0]
    except DistNetworkError as error:
        if "EADDRINUSE" not in str(error):
            raise
        raise ValueError(
            f"the port {os.environ['MASTER_PORT']} at which the processes would meet is in use by "
            "another program, perhaps another training; set MASTER_PORT to a free one"
        ) from error
    store = PrefixStore("poseforge", store)
    return PrefixStore(_invite(store, size) if rank == 0 else _come(store, rank), store)


def _invite(store: Store, size: int) -> str:
    """Tell each process a name that is new.

    The agent's store outlives a failure, and its count of restarts differs between machines. So
    process 0 answers what each process asks, which may be from before a restart, until all the
    others have thanked for the new name.
    """
    name = uuid.uuid4().hex
    waiting = set(range(1, size))
    deadline = time.monotonic() + TIMEOUT.total_seconds()
    while waiting:
        for rank in list(waiting):
            if store.check([f"{name}/thanks/{rank}"]):
                waiting.remove(rank)
            elif store.check([f"asks/{rank}"]):
                store.set(f"answer/{store.get(f'asks/{rank}').decode()}", name)
        if time.monotonic() > deadline:
            raise TimeoutError(f"the processes {sorted(waiting)} of {size} have not come")
        time.sleep(0.02)
    return name


def _come(store: Store, rank: int) -> str:
    question = uuid.uuid4().hex
    store.set(f"asks/{rank}", question)
    name: str = store.get(f"answer/{question}").decode()
    store.set(f"{name}/thanks/{rank}", "")
    return name
