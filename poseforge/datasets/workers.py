"""The processes that make batches: how they begin, what they need, and what is said if one dies."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import torch
from torch._C import _error_if_any_worker_fails

GRACE_S = 2  # how long a worker outlives a termination, so that the main process learns of it first
NOTICE_S = 0.2  # how long after its files are closed a process is dead for sure
PREFETCHED = 2  # batches that a worker has ready at most, as torch's loader does
WORKER_BYTES = 80e6  # what a worker has for itself before its first batch; see data_memory
MEMORY, SHARED = Path("/proc/meminfo"), Path("/dev/shm")
CONTROL_GROUP = Path("/sys/fs/cgroup")
DIED = re.compile(r"DataLoader worker \(pid\(?s?\)? ([\d, ]+)\) (.*)", re.DOTALL)
ADVICE = {
    "Killed": "most often memory ran out: set num_workers or batch_size lower",
    "Bus error": f"most often {SHARED} is full: make it larger, or set num_workers lower",
}
OTHER_ADVICE = "set num_workers=0 to see why"


class WorkerDiedError(RuntimeError):
    """A loader's process has ended before its work; the message says what to do."""


def prepare_worker(worker: int) -> None:
    """Make a new process fit to be a loader's worker."""
    cv2.setNumThreads(0)  # threads of OpenCV do not survive a fork
    torch.set_num_threads(1)
    # A Ctrl-C reaches the whole process group, but it is the main process that ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(GRACE_S))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process


@contextmanager
def naming_dead_workers() -> Iterator[None]:
    """Say in one sentence that a worker has died.

    Torch notices at once, wherever the main process is then, so this surrounds all of a loop that
    uses batches and not just the loader; but the loader must be closed after it.

    Raises:
        WorkerDiedError: A loader's process died.
    """
    try:
        yield
    except (RuntimeError, EOFError, OSError) as error:
        found = DIED.match(str(error)) or _late_notice()
        if found is None:
            raise
        how = " ".join(found[2].split()).partition(". ")[0].rstrip(".")
        cause = how.rpartition(": ")[2]
        raise WorkerDiedError(
            f"a process that loads data has died (pid {found[1]} {how}); "
            f"{ADVICE.get(cause, OTHER_ADVICE)}"
        ) from error


def _late_notice() -> re.Match[str] | None:
    """Return what torch says of a dead worker, whose half-sent batch was noticed before it was."""
    try:
        time.sleep(NOTICE_S)  # the system tells of a death at any moment
        _error_if_any_worker_fails()
    except RuntimeError as error:
        return DIED.match(str(error))
    return None


def check_memory(sample_bytes: int, batch_size: int, num_workers: int) -> None:
    """Refuse more workers than the machine's memory has room for.

    A worker has its own share, a batch that it stacks from samples, and the batches that wait.

    Args:
        sample_bytes: Size of one packed sample.
        batch_size: Samples a batch.
        num_workers: Processes that make batches.

    Raises:
        ValueError: They need more than there is; the message says how many there is room for.
    """
    batch = sample_bytes * batch_size
    needs = {
        "memory": (WORKER_BYTES + (2 + PREFETCHED) * batch, _available_memory()),
        f"{SHARED}": (float(PREFETCHED * batch), _free_shared()),
    }
    for where, (each, there) in needs.items():
        if num_workers * each > there:
            raise ValueError(
                f"num_workers={num_workers} with batches of {batch / 1e6:.0f} MB need "
                f"{num_workers * each / 1e9:.1f} GB of {where}, but {there / 1e9:.1f} GB are free; "
                f"set num_workers to {int(there // each)} or less, or batch_size lower"
            )


def _available_memory() -> float:
    """Return the bytes that can be used, of the machine and of this process's control group."""
    there = float("inf")
    if MEMORY.is_file():
        lines = dict(line.split(":") for line in MEMORY.read_text().splitlines())
        there = 1024.0 * int(lines["MemAvailable"].split()[0])
    limit, used = (CONTROL_GROUP / f"memory.{name}" for name in ("max", "current"))
    if limit.is_file() and (most := limit.read_text().strip()) != "max":
        there = min(there, float(most) - float(used.read_text()))
    return there


def _free_shared() -> float:
    """Return the bytes that are free where batches lie between the processes."""
    if not SHARED.is_dir():
        return float("inf")
    found = os.statvfs(SHARED)
    return float(found.f_bavail * found.f_frsize)
