import time

import pytest
import torch
import torch.distributed as dist

from poseforge.engine import process_group
from poseforge.engine.process_group import joined
from tests.engine.processes import run_together


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not let processes wait for the end of the one that has failed."""
    monkeypatch.setattr(process_group, "GRACE_S", 1.0)


def test_a_process_that_fails_says_why_and_those_that_wait_for_it_end_without_a_word():
    def task(rank: int) -> None:
        with joined("pytorch", "cpu"):
            if rank == 1:
                raise ValueError("there is no such file")
            dist.barrier()

    begin = time.monotonic()
    others, failed, more = run_together(3, task)
    assert failed == ("ProcessError", "process 1 of 3: there is no such file")
    assert others == more == 1
    assert time.monotonic() - begin < 30


def test_a_process_that_hangs_while_another_fails_is_ended():
    def task(rank: int) -> None:
        with joined("pytorch", "cpu"):
            if rank == 1:
                raise RuntimeError("no")
            time.sleep(50)  # as in a collective of NCCL, which does not learn of a failure

    begin = time.monotonic()
    assert run_together(2, task) == ["exit 1", ("ProcessError", "process 1 of 2: no")]
    assert time.monotonic() - begin < 30


def test_a_bug_keeps_its_traceback():
    def task(rank: int) -> None:
        with joined("pytorch", "cpu"):
            if rank == 0:
                raise KeyError("a bug")
            dist.barrier()

    assert run_together(2, task) == [("KeyError", "'a bug'"), 1]


def test_a_process_that_is_killed_is_missed_in_one_sentence():
    def task(rank: int) -> None:
        with joined("pytorch", "cpu"):
            dist.barrier()
            if rank == 2:
                process_group.os._exit(9)
            dist.all_reduce(torch.zeros(1))

    *alive, killed = run_together(3, task)
    assert killed == "exit 9"
    speakers = [end for end in alive if end != 1]
    assert len(speakers) == 1
    assert "the connection to another process is lost" in speakers[0][1]


def test_a_process_may_join_twice():
    def task(rank: int) -> float:
        total = 0.0
        for _ in range(2):
            with joined("pytorch", "cpu") as world:
                number = torch.tensor([world.rank + 1.0])
                dist.all_reduce(number)
                total += number.item()
        return total

    assert run_together(2, task) == [6.0, 6.0]


def test_one_process_alone_joins_nobody():
    with joined("none", "cpu") as world:
        assert (world.rank, world.size) == (0, 1)
        assert not dist.is_initialized()
