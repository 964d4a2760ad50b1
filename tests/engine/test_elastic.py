"""Real torchrun: a worker is killed, and the run goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from poseforge.models.checkpoints import read_checkpoint

SGD = "optim_wrapper.optimizer={'type': 'SGD', 'lr': 0.01}"
LONG = ["train_cfg.max_epochs=30", "train_cfg.val_interval=30", "train_cfg.save_interval=5"]


@contextmanager
def torchrun(config: Path, folder: Path, *more: str) -> Iterator[subprocess.Popen]:
    """Two processes, restarted up to three times."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--max-restarts", "3", "-m", "poseforge.cli.main", "train", str(config), "--launcher",
        "pytorch", "--device", "cpu", "--work-dir", str(folder), *more,
        "--cfg-options", SGD, "test_dataloader=None", *LONG,
    ]  # fmt: skip
    with (
        folder.with_suffix(".txt").open("w") as log,
        subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"}
        ) as process,
    ):
        yield process
        process.kill()


def wait_for_another(path: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    before = path.exists() and path.stat().st_mtime_ns
    while not path.exists() or path.stat().st_mtime_ns == before:
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.1)


def workers_of(process: subprocess.Popen) -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return sorted(map(int, found.split()))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_workers_come_back_and_the_run_ends_as_if_nothing_had_been(
    config_file: Path, tmp_path: Path
):
    with torchrun(config_file, tmp_path / "straight") as straight:
        assert straight.wait(250) == 0
    folder = tmp_path / "killed"
    with torchrun(config_file, folder) as process:
        for victim in (1, 0):
            wait_for_another(folder / "last.pth")
            os.kill(workers_of(process)[victim], signal.SIGKILL)
        assert process.wait(250) == 0
    said = folder.with_suffix(".txt").read_text()
    assert said.count("loading") == 3  # it did begin again
    steps = [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
    assert [step["iteration"] for step in steps] == list(range(1, 91))
    ours, theirs = (read_checkpoint(tmp_path / n / "last.pth") for n in ("killed", "straight"))
    for name, tensor in ours["state_dict"].items():
        assert tensor.equal(theirs["state_dict"][name]), name
    assert said.count("error: process") <= 2
