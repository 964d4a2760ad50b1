import os
import socket
from pathlib import Path

import pytest
import torch.distributed as dist

from poseforge.engine import launchers
from tests.engine.processes import run_together

SLURM = {
    "SLURM_PROCID": "5",
    "SLURM_NTASKS": "8",
    "SLURM_LOCALID": "1",
    "SLURM_JOB_ID": "123456",
    "SLURM_JOB_NODELIST": "node[07-08]",
}
OURS = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which no launcher has set anything; what a test sets goes with it."""
    for key in (*SLURM, *OURS):
        monkeypatch.setenv(key, "")
        monkeypatch.delenv(key)
    return monkeypatch


def test_sruns_variables_are_read(bare: pytest.MonkeyPatch, tmp_path: Path):
    scontrol = tmp_path / "scontrol"
    scontrol.write_text(
        '#!/bin/sh\n[ "$*" = "show hostnames node[07-08]" ] && echo node07 node08\n'
    )
    scontrol.chmod(0o755)
    bare.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for key, value in SLURM.items():
        bare.setenv(key, value)
    assert launchers.numbers("slurm") == (5, 8, 1)
    assert os.environ["MASTER_ADDR"] == "node07"
    assert os.environ["MASTER_PORT"] == "23456"


@pytest.mark.parametrize(
    ("launcher", "missing"), [("slurm", "SLURM_PROCID"), ("pytorch", "RANK"), ("mpi", "none, py")]
)
def test_what_is_missing_is_named(bare: pytest.MonkeyPatch, launcher: str, missing: str):
    with pytest.raises(ValueError, match=missing):
        launchers.numbers(launcher)


def test_a_port_in_use_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
        monkeypatch.setenv("MASTER_PORT", str(other.getsockname()[1]))
        with pytest.raises(ValueError, match=r"port \d+ .* is in use .* set MASTER_PORT"):
            launchers.meet(0, 2)


def test_processes_that_come_back_to_an_old_store_find_each_other_and_nothing_of_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def agents_store(*args: object, **kwargs: object):
        yield dist.FileStore(str(tmp_path / "store"), -1), 0, 0

    monkeypatch.setattr(launchers, "rendezvous", agents_store)

    def task(rank: int) -> bool:
        store = launchers.meet(rank, 3)
        old = store.check(["left behind"])
        store.set(f"seen by {rank}", "yes")
        store.wait([f"seen by {other}" for other in range(3)])
        store.set("left behind", "yes")
        return old

    assert run_together(3, task) == [False] * 3
    assert run_together(3, task) == [False] * 3  # with the first attempt's keys still there


@pytest.mark.parametrize(
    ("variables", "restarted"),
    [
        ({}, False),
        ({"TORCHELASTIC_RESTART_COUNT": "0", "SLURM_RESTART_COUNT": "0"}, False),
        ({"TORCHELASTIC_RESTART_COUNT": "2"}, True),
        ({"SLURM_RESTART_COUNT": "1"}, True),
    ],
)
def test_a_restart_is_noticed(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], restarted: bool
):
    for name in ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert launchers.is_restarted() is restarted
