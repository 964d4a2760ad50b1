import json
from pathlib import Path

import pytest

from benchmarks.course import main
from benchmarks.result import check_result

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["simplepose_course", "openpose_course"])
def test_a_model_is_trained_tested_and_recorded(tmp_path: Path, name: str):
    config = str(ROOT / "configs" / f"{name}.py")
    folders = ["--work-dir", str(tmp_path / "runs"), "--out", str(tmp_path / "results")]
    assert main([config, "--tiny", *folders]) == 0
    [path] = (tmp_path / "results").iterdir()
    result = check_result(path)
    assert result["settings"]["tiny"]
    assert result["training"]["iterations"] == 6
    assert {row["label"] for row in result["rows"]} == {name, "mean pose in the box"}
    shares = [kind["share"] for kind in result["errors"][name]["kinds"].values()]
    assert sum(shares) == pytest.approx(100)
    assert "joints" not in json.dumps(result["errors"][name]["kinds"]["good"]["interval"])


def test_a_config_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path / "no.py")]) == 2
    assert "no.py" in capsys.readouterr().err
