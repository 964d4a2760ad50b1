"""The job script, with an srun and a scontrol that only note what they are asked."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "slurm_train.sh"
SRUN = """#!/usr/bin/env bash
echo "$*" > asked_srun
trap 'echo saved > saved; exit 143' TERM
touch running
{what}
"""
SCONTROL = """#!/usr/bin/env bash
if [ "$1 $2" = "show hostnames" ]; then
    printf 'node07\\nnode08\\n'
else
    echo "$*" > asked_scontrol
fi
"""
UNTIL_STOPPED = "while true; do sleep 0.1; done"
JOB = {
    "SLURM_JOB_ID": "123456",
    "SLURM_JOB_NODELIST": "node[07-08]",
    "SLURM_JOB_NUM_NODES": "2",
    "SLURM_GPUS_ON_NODE": "8",
}


def start(folder: Path, what: str, *arguments: str) -> subprocess.Popen[str]:
    for name, text in (("srun", SRUN.format(what=what)), ("scontrol", SCONTROL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return subprocess.Popen(
        ["bash", str(SCRIPT), *arguments],
        cwd=folder,
        env={**os.environ, **JOB, "PATH": f"{folder}:{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(job: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait, and return the status and what went to stderr."""
    _, errors = job.communicate(timeout=20)
    return job.returncode, errors


def test_it_starts_a_torchrun_a_machine_that_meet_on_the_first(tmp_path: Path):
    assert finish(start(tmp_path, "exit 0", "configs/a.py", "--seed", "3 4"))[0] == 0
    asked = (tmp_path / "asked_srun").read_text()
    for words in (
        "--kill-on-bad-exit=1 torchrun --nnodes 2 --nproc-per-node 8 --max-restarts 3",
        "--rdzv-backend c10d --rdzv-id 123456 --rdzv-endpoint node07:23456",
        "tools/train.py configs/a.py --seed 3 4 --launcher pytorch",
    ):
        assert words in asked
    assert not (tmp_path / "asked_scontrol").exists()


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM])
def test_a_job_that_must_stop_saves_and_queues_again(tmp_path: Path, number: int):
    job = start(tmp_path, UNTIL_STOPPED, "configs/a.py")
    end = time.monotonic() + 20
    while not (tmp_path / "running").exists() and time.monotonic() < end:
        time.sleep(0.05)
    job.send_signal(number)
    assert finish(job)[0] == 143
    assert (tmp_path / "saved").exists()
    assert (tmp_path / "asked_scontrol").read_text() == "requeue 123456\n"


def test_a_training_that_fails_does_not_queue_again(tmp_path: Path):
    assert finish(start(tmp_path, "exit 7", "configs/a.py"))[0] == 7
    assert not (tmp_path / "asked_scontrol").exists()


def test_without_a_config_it_says_how_it_is_used(tmp_path: Path):
    status, errors = finish(start(tmp_path, "exit 0"))
    assert status == 2
    assert "sbatch tools/slurm_train.sh CONFIG" in errors


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_has_nothing_to_say():
    subprocess.run(["shellcheck", str(SCRIPT)], check=True)
