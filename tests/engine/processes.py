"""Several processes on this machine, as torchrun starts them, but forked: without its seconds."""

import multiprocessing
import os
import socket
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import torch

Ends = list[Any]


def run_together(size: int, task: Callable[[int], Any], *, timeout: float = 60) -> Ends:
    """Return what each of `size` processes returns of `task(rank)`.

    In the place of a result stands what was raised: a `SystemExit`'s status, or else the error's
    type and text; or "exit n" for a process that ended in another way.
    """
    context = multiprocessing.get_context("fork")
    port = free_port()
    pipes = [context.Pipe(duplex=False) for _ in range(size)]
    members = [
        context.Process(target=_be, args=(rank, size, port, task, pipes[rank][1]))
        for rank in range(size)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this process has threads
        for member in members:
            member.start()
    ends: Ends = []
    for member, (receiver, sender) in zip(members, pipes, strict=True):
        sender.close()
        try:
            assert receiver.poll(timeout), "a process hangs"
            ends.append(receiver.recv())
        except EOFError:
            member.join(timeout)
            ends.append(f"exit {member.exitcode}")
        finally:
            member.join(1)
            member.kill()
    return ends


def _be(rank: int, size: int, port: int, task: Callable[[int], Any], sender: Any) -> None:
    torch.set_num_threads(1)  # threads of OpenMP do not survive a fork
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE=str(size),
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
    )
    try:
        sender.send(task(rank))
    except SystemExit as error:
        sender.send(error.code)
    except BaseException as error:
        traceback.print_exc()
        sender.send((type(error).__name__, str(error)))
    sender.close()
    os._exit(0)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
