import json
from pathlib import Path

import pytest

from benchmarks import fitted_length as fitting
from benchmarks.fitted_length import Speed, fitted_length, length_of_run, planned_length
from benchmarks.lsp_training import main
from poseforge.engine.config import load_config

EPOCHS, STEPS = (load_config(f"configs/{name}.py") for name in ("compact_lsp", "cpm_lsp"))


def settings_of(overrides):
    return load_config("configs/quickstart.py", overrides).train


@pytest.mark.parametrize("config", [EPOCHS, STEPS])
def test_a_training_and_its_validations_fill_the_time_but_for_a_reserve(config):
    speed = Speed(start_s=12.0, step_s=0.05, epoch_steps=85)
    found = settings_of(planned_length(config, speed, 480))
    steps = found.max_iters or found.max_epochs * speed.epoch_steps
    took = 12 + 0.05 * steps + 4 * 6
    assert 0.9 * 480 < took < 480
    length = found.max_iters or found.max_epochs
    assert 3 <= length / found.val_interval <= 4
    assert (found.max_iters is None) == (config is EPOCHS)


def test_too_little_time_and_several_phases_are_refused():
    with pytest.raises(ValueError, match="too few for an epoch, at 2 s a step; give more"):
        planned_length(EPOCHS, Speed(start_s=5, step_s=2.0, epoch_steps=85), 100)
    cascade = load_config("configs/deeppose_lsp.py")
    with pytest.raises(ValueError, match="has several; give --epochs"):
        fitted_length(cascade, ["nothing"], 100)


@pytest.mark.slow
def test_a_call_measures_trains_tests_and_goes_on_as_long_as_planned(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fitting, "TIMED_S", 2.0)
    monkeypatch.setattr(fitting, "VALIDATION_S", 0.5)
    run = tmp_path / "run"
    command = ["openpose_synthetic", "--tiny", "--fit", "--minutes", "1"]
    command += ["--work-dir", str(run), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    (path,) = (tmp_path / "out").glob("tiny_openpose_synthetic--*.json")
    training = json.loads(path.read_text())["training"]
    assert training["iterations"] == training["planned_iterations"] > 30
    planned = length_of_run(run)
    assert settings_of(planned).max_iters == training["iterations"]
    capfd.readouterr()
    assert main(command) == 0
    assert " ".join(planned) in capfd.readouterr().out
