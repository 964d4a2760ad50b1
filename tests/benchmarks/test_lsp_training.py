from pathlib import Path

import pytest

from benchmarks.carried_weights import carry_weights
from benchmarks.lsp_models import MODELS, PLACES, training_overrides
from benchmarks.lsp_training import main
from benchmarks.result import check_result
from poseforge.datasets import SyntheticPeople
from poseforge.datasets.packing import PackSettings, pack
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import read_checkpoint

PEOPLE = [model for model in MODELS.values() if model.sees_crops]


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Eight generated people in place of each part of LSP and LSPET."""
    folder = tmp_path / "packed"
    for seed, part in enumerate(PLACES.values()):
        pack(SyntheticPeople(8, seed=seed, size=96), folder / part, PackSettings(), workers=1)
    return folder


@pytest.mark.slow
def test_a_training_goes_on_where_the_clock_stopped_it_and_is_recorded_at_its_end(
    packed: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    run, out = tmp_path / "run", tmp_path / "out"
    command = ["hmappose", "--tiny", "--packed", str(packed), "--work-dir", str(run)]
    command += ["--out", str(out)]
    assert main([*command, "--minutes", "0"]) == 0
    assert "stopped by the clock" in capfd.readouterr().out
    with monkeypatch.context() as slow:
        slow.setattr("benchmarks.lsp_training.TESTING_S", 1e6)
        assert main([*command, "--cfg-options", "train_cfg.max_iters=2"]) == 0
    assert "run it again with --finish to test" in capfd.readouterr().out
    assert not out.exists()
    assert main(command) == 0
    assert "--resume" in capfd.readouterr().out
    (path,) = out.glob("tiny_lsp_hmappose--*.json")
    result = check_result(path)
    assert len(list(out.iterdir())) <= 8
    labels = [row["label"] for row in result["rows"]]
    assert labels == ["hmappose_lsp", "mean pose in the box", "hmappose_lsp + flip"]
    assert all(result["errors"][label]["either_side"] >= 0 for label in labels[::2])
    assert result["training"]["iterations"] == result["training"]["planned_iterations"] == 4
    assert [item["iteration"] for item in result["training"]["validations"]] == [2, 4]
    assert result["notes"] == ["the weights are best.pth, 0.0 MB"]
    weights = read_checkpoint(out / "lsp_hmappose.pth")
    assert "training" not in weights


@pytest.mark.parametrize("model", PEOPLE, ids=[model.id for model in PEOPLE])
def test_a_plan_is_a_config_with_packed_people(model):
    config = load_config(
        model.config, training_overrides(model, epochs=None, packed="packed", tiny=False)
    )
    assert config.optim.amp == "bf16"
    assert config.train.channels_last
    assert config.train.save_minutes == 1
    loader = config.values["train_dataloader"]
    assert loader["augment"] == "device"
    sources = [*loader["dataset"]["datasets"]]
    sources += [config.values[f"{role}_dataloader"]["dataset"] for role in ("val", "test")]
    assert [source["part"] for source in sources] == list(PLACES.values())
    assert len(config.train.phase_starts) == len(load_config(model.config).train.phase_starts)


def test_generated_people_keep_their_config_and_their_name():
    model = MODELS["openpose_synthetic"]
    plan = training_overrides(model, epochs=None, packed=None, tiny=False)
    config = load_config(model.config, plan)
    source = config.section("train_dataloader").dataset["dataset"]
    assert source["type"] == "SyntheticPeople"
    assert model.result == "openpose_synthetic"


def test_the_plan_can_be_longer():
    longer = training_overrides(MODELS["eol"], epochs=200, packed=None, tiny=False)
    config = load_config(MODELS["eol"].config, longer)
    assert config.train.max_epochs == 200
    assert config.train.phase_starts == (120, 160)  # as the config itself has it
    assert config.train.val_interval == 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "there is no model 'nobody'; name one of openpose_synthetic, compact, "),
        (["openpose", "--packed", "packed", "--tiny"], "leave --packed out"),
        (["compact", "--tiny", "--finish", "--work-dir", "nowhere"], "nowhere"),
    ],
)
def test_mistakes_are_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    assert main([*arguments, "--out", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_the_command_is_printed(capsys: pytest.CaptureFixture[str]):
    assert main(["cpm_bn", "--command"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("python tools/train.py configs/cpm_bn_lsp.py --work-dir ")
    assert "optim_wrapper.amp=bf16" in text


def test_weights_are_halved_where_they_are_too_large_and_left_out_where_that_does_not_do(
    tmp_path: Path,
):
    config = load_config("configs/quickstart.py")
    estimator = build_estimator(config.model)
    state = {**describe(estimator, config), "state_dict": estimator.state_dict(), "meta": {}}
    checkpoint, path = tmp_path / "best.pth", tmp_path / "carried.pth"
    write_checkpoint(state, checkpoint)
    whole = checkpoint.stat().st_size / 1e6
    assert "half" not in carry_weights(checkpoint, path, limit_mb=whole + 0.01)
    assert path.stat().st_size / 1e6 == pytest.approx(whole, rel=0.02)
    assert "half precision" in carry_weights(checkpoint, path, limit_mb=0.6 * whole)
    kinds = {tensor.dtype.itemsize for tensor in read_checkpoint(path)["state_dict"].values()}
    assert {2, 4} <= kinds
    assert path.stat().st_size <= 0.6e6 * whole
    assert "they are not kept" in carry_weights(checkpoint, path, limit_mb=0.1 * whole)
    assert not path.exists()
