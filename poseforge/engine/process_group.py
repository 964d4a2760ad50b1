"""Be one of several processes: all end when one fails, and only that one says why."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from torch.distributed.distributed_c10d import Store

from poseforge.engine import distributed
from poseforge.engine.distributed import World

FAILED = "failed"  # the key under which the first process that fails leaves its message
POLL_S = 0.5
GRACE_S = 5.0  # in which a process may end by itself, as torchrun asks it to
MISTAKES = (ValueError, OSError, ImportError, RuntimeError)
LOST = ("onnection closed", "onnection reset", "Broken pipe", "remote process exited", "ncclRemote")


class ProcessError(RuntimeError):
    """What went wrong in one of several processes; the others end without a word."""


@contextmanager
def joined(launcher: str, device: str | None) -> Iterator[World]:
    """Join the launcher's processes, and leave them at the end.

    Whatever is raised by one process ends all of them within seconds, also those that wait for it
    on a GPU, where nothing but the end of a collective's half an hour would wake them.

    Args:
        launcher: As for `distributed.start`.
        device: The config's device.

    Raises:
        ProcessError: A user's mistake, with the number of this process, which was the first.
        SystemExit: Another process failed before, and has said why.
    """
    world = distributed.start(launcher, device)
    if world.store is None:
        yield world
        return
    watch = _Watch(world.store)
    watch.start()
    try:
        yield world
    except Exception as error:
        if not watch.report(f"process {world.rank}: {error}"):
            time.sleep(GRACE_S)  # the first is to end first: torchrun takes that for the cause
            raise SystemExit(1) from error
        if world.rank == 0:
            time.sleep(2 * POLL_S)  # without torchrun it keeps the store: let the others read
        if isinstance(error, MISTAKES):
            raise ProcessError(f"process {world.rank} of {world.size}: {_cause(error)}") from error
        raise
    else:
        distributed.stop()
    finally:
        watch.finished.set()


class _Watch(threading.Thread):
    """Ends this process some time after another one has failed."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.finished = threading.Event()
        self.another_failed = False

    def run(self) -> None:
        while not self.finished.wait(POLL_S):
            try:
                self.another_failed = self.store.check([FAILED])
                store_is_lost = False
            except RuntimeError:  # with the process that kept it
                store_is_lost = True
            if self.another_failed or store_is_lost:
                break
        if not self.finished.wait(GRACE_S):
            os._exit(1)  # the main thread may be inside a collective that never ends

    def report(self, message: str) -> bool:
        """Tell the others that this process fails; return whether it is the first to do so."""
        self.finished.set()
        if self.another_failed:
            return False
        with suppress(RuntimeError):
            return bool(self.store.compare_set(FAILED, "", message) == message.encode())
        return True


def _cause(error: Exception) -> str:
    if any(sign in str(error) for sign in LOST):
        return (
            "the connection to another process is lost, which was killed or has run out of memory; "
            "torchrun --max-restarts N goes on from the last checkpoint by itself, and so does "
            "--resume"
        )
    return str(error)
