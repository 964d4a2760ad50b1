import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
import torch
from rich.console import Console

from poseforge.engine.adapters import NonFiniteLossError
from poseforge.engine.checks import SetupError
from poseforge.engine.config import RunConfig
from poseforge.engine.hooks import Hook
from poseforge.engine.train import train
from poseforge.models.checkpoints import read_checkpoint

MakeConfig = Callable[..., RunConfig]


def test_a_run_folder_holds_all_that_a_reader_needs(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    train(make_config(), console, launcher="none", resume=None)
    folder = tmp_path / "run"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 0
    assert manifest["packages"]["torch"]
    assert len(manifest["data"]["train"]["fingerprint"]) == 64
    steps = [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
    assert [step["iteration"] for step in steps] == list(range(1, 13))
    assert {"lr", "total", "loss_heatmaps", "images_per_s"} <= steps[0].keys()
    assert cv2.imread(str(folder / "curves.png")) is not None
    assert len(list((folder / "predictions").glob("*.jpg"))) == 2
    assert "max_epochs" in (folder / "config.py").read_text()
    assert list((folder / "tensorboard").iterdir())
    assert "validation after epoch 2" in (folder / "train.log").read_text()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_training_by_iterations_crosses_epochs_and_validates(
    make_config: MakeConfig, console: Console
):
    config = make_config()
    config.values["train_cfg"] = {"max_iters": 8, "val_interval": 4}
    outcome = train(config, console, launcher="none", resume=None)
    assert [record["iteration"] for record in outcome.history] == [4, 8]


def test_the_loss_falls(make_config: MakeConfig, console: Console, tmp_path: Path):
    train(make_config("train_cfg.max_epochs=10"), console, launcher="none", resume=None)
    lines = (tmp_path / "run" / "steps.jsonl").read_text().splitlines()
    losses = [json.loads(line)["total"] for line in lines]
    assert sum(losses[-6:]) < 0.7 * sum(losses[:6])


def test_a_run_is_saved_by_the_clock(
    make_config: MakeConfig, console: Console, monkeypatch: pytest.MonkeyPatch
):
    clock = SimpleNamespace(monotonic=itertools.count(0, 40).__next__)  # seconds between looks
    monkeypatch.setattr("poseforge.engine.loops.time", clock)
    saved: list[int] = []

    class Note(Hook):
        def before_save(self, runner) -> None:
            saved.append(runner.iter)

    settings = ("train_cfg.log_interval=1", "train_cfg.save_minutes=1", "train_cfg.max_epochs=1")
    config = make_config(*settings, "train_cfg.save_interval=1", "val_dataloader=None")
    config.values["custom_hooks"] = [{"type": Note}]
    train(config, console, launcher="none", resume=None)
    assert saved == [2, 4, 6, 6]  # the last one is the epoch's


def test_early_stop_ends_a_run_that_gets_no_better(make_config: MakeConfig, console: Console):
    config = make_config("train_cfg.max_epochs=30", "train_cfg.early_stop=2")
    config.values["optim_wrapper"]["optimizer"]["lr"] = 0.0
    outcome = train(config, console, launcher="none", resume=None)
    assert len(outcome.history) == 3


def test_a_loss_that_is_not_finite_stops_with_the_samples_and_keeps_the_weights(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    class Poison(Hook):
        def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
            if runner.iter == 3:
                self.before = runner.model.estimator.head.blocks[-1].weight.detach().clone()
                data_batch["keypoints"].fill_(1e30)
                runner.model.estimator.head.criterion.scale = float("nan")
                Poison.kept = self.before

    config = make_config()
    config.values["custom_hooks"] = [{"type": Poison}]
    with pytest.raises(NonFiniteLossError, match="iteration 4; the samples are synthetic-0-") as e:
        train(config, console, launcher="none", resume=None)
    assert "lower learning rate" in str(e.value)
    state = read_checkpoint(tmp_path / "run" / "last.pth")
    assert state["training"]["iteration"] == 3
    assert torch.equal(state["state_dict"]["head.blocks.1.weight"], Poison.kept)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("codec.input_size=(64, 64)", r"crops of 32 x 32 pixels, but the codec works on 64 x 64"),
        ("model.skeleton='mpii16'", "num_keypoints=14 .* 'mpii16' has 16"),
        ("train_dataloader.dataset.skeleton='mpii16'", "has the 16 keypoints of 'mpii16', the mod"),
        ("model.head.type='HeatmpHead'", "did you mean 'HeatmapHead'"),
        ("model.head.witdhs=(8,)", "no argument 'witdhs'; did you mean 'widths'"),
        ("model.head.type='nowhere.Head'", "cannot load type='nowhere.Head': No module named"),
        (
            "train_dataloader.dataset={'type': 'Scenes', 'dataset': "
            "{'type': 'SyntheticPeople', 'num_people': 8, 'size': 48, 'people': (1, 2)}}",
            "its samples are of scenes, but a TopDown takes one person",
        ),
        ("train_dataloader.batch_size=99", "99"),
        ("device='cuda:7'", "cuda:7"),
    ],
)
def test_parts_that_do_not_fit_are_found_before_the_first_step(
    make_config: MakeConfig, console: Console, override: str, message: str
):
    config = make_config(override)
    with pytest.raises((ValueError, ImportError), match=message) as caught:
        train(config, console, launcher="none", resume=None)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_refused(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match="cannot be written: Not a directory; name another"):
        train(make_config(run="file/run"), console, launcher="none", resume=None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_saves_and_says_how_to_go_on(
    config_file: Path, tmp_path: Path, number: int
):
    command = [
        sys.executable, "-m", "poseforge.cli.main", "train", str(config_file),
        "--device", "cpu", "--work-dir", str(tmp_path / "run"),
        "--cfg-options", "train_cfg.max_epochs=10000", "train_cfg.log_interval=1",
        "train_dataloader.num_workers=2",
    ]  # fmt: skip
    run = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    steps = tmp_path / "run" / "steps.jsonl"
    deadline = time.monotonic() + 120
    while not steps.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, number)  # as a terminal's Ctrl-C does
    output, errors = run.communicate(timeout=60)
    assert run.returncode == 128 + number, errors
    assert "--resume" in output
    assert read_checkpoint(tmp_path / "run" / "last.pth")["training"]["iteration"] > 0
