from pathlib import Path

import pytest

from benchmarks.result import check_result
from benchmarks.throughput import main

CONFIGS = Path(__file__).parents[2] / "configs"


def tiny(out: Path, *configs: str) -> dict[str, float]:
    """Return each measurement's median."""
    arguments = [str(CONFIGS / f"{config}.py") for config in configs]
    assert main([*arguments, "--tiny", "--device", "cpu", "--out", str(out)]) == 0
    (path,) = out.glob("*.json")
    result = check_result(path)
    assert result["settings"]["tiny"]
    return {item["name"]: item["median"] for item in result["measurements"]}


def test_every_part_of_every_config_is_timed(tmp_path: Path):
    found = tiny(tmp_path, "hmappose_synthetic", "simplepose_synthetic")
    assert len(found) == 2 * 5
    assert all(value > 0 for value in found.values())
    assert "simplepose_synthetic: with data loading ÷ model alone" in found


def test_without_data_the_model_is_timed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path / "none"))
    found = tiny(tmp_path, "simplepose_lsp")
    assert list(found) == [
        "simplepose_lsp: training step, model alone",
        "simplepose_lsp: prediction, model alone",
    ]
    (path,) = tmp_path.glob("*.json")
    assert check_result(path)["notes"] == [
        "simplepose_lsp: no data loading was timed: the data set 'lsp' is not here"
    ]


def test_an_unknown_config_is_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["configs/nobody_lsp.py", "--tiny", "--device", "cpu"]) == 2
    assert "no tiny form" in capsys.readouterr().err
