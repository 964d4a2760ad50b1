import builtins
import signal
import subprocess
from pathlib import Path

import pytest

from poseforge.cli.submit import Training


def test_without_submitit_it_says_what_to_install(run, config, monkeypatch):
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "submitit":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    status, _, errors = run("submit", config)
    assert status == 2
    assert "pip install 'poseforge[slurm]'" in errors


def test_a_mistake_is_found_before_the_job_is_in_the_queue(run, config):
    pytest.importorskip("submitit")
    status, _, errors = run("submit", config, "--cfg-options", "train_cfg.max_epoch=3")
    assert status == 2
    assert "did you mean 'max_epochs'" in errors


def test_a_job_that_must_stop_saves_and_goes_on_with_the_same_command():
    pytest.importorskip("submitit")
    training = Training(["a.py", "--seed", "3"], 8)
    training.process = subprocess.Popen(["sleep", "100"])  # in the place of torchrun
    again = training.checkpoint().function
    assert training.process.returncode == -signal.SIGTERM
    assert (again.arguments, again.processes, again.starts) == (["a.py", "--seed", "3"], 8, 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_local_job_trains_in_two_processes(run, config, tmp_path: Path):
    pytest.importorskip("submitit")
    status, output, _ = run(
        "submit", "--cluster", "local", "--gpus-per-node", "2", "--logs", tmp_path / "jobs",
        config, "--work-dir", tmp_path / "run", "--cfg-options", "test_dataloader=None",
        "train_dataloader.batch_size=2",
    )  # fmt: skip
    assert status == 0
    assert "its log is" in output
    assert (tmp_path / "run" / "last.pth").is_file()
