from pathlib import Path

import pytest

from benchmarks.record_accuracy import accuracy_result, main
from benchmarks.result import check_result


def test_a_run_becomes_a_result(work_dir: Path, tmp_path: Path):
    reports = [str(work_dir / name) for name in ("report.json", "flip.json")]
    out = tmp_path / "out"
    arguments = [str(work_dir), "--name", "a_lsp", "--report", *reports, "--out", str(out)]
    assert main([*arguments, "--note", "the weights are best.pth"]) == 0
    result = check_result(out / "a_lsp--nvidia-h200.json")
    assert [row["label"] for row in result["rows"]] == ["a", "mean pose in the box", "a + flip"]
    assert {row["protocol"] for row in result["rows"]} == {"lsp_test"}
    assert result["training"] == {
        "commit": "0123456789abcdef",
        "seed": 3,
        "data": {"train": {"name": "a", "people": 21, "fingerprint": "f"}},
        "iterations": 3,
        "planned_iterations": 10,  # 2 epochs of 21 // 4 batches
        "validations": [],
    }
    assert result["measurements"][0]["values"] == [1.5]  # 3 batches of 4 at 8 images/s
    assert result["notes"] == ["the weights are best.pth"]
    assert "somewhere" not in (out / "a_lsp--nvidia-h200.json").read_text()


def test_the_machine_is_the_trainings(work_dir: Path):
    result = accuracy_result(work_dir, [work_dir / "report.json"], "a")
    assert result["machine"] == {"cpu": "Other", "cores": 8, "gpu": "NVIDIA H200"}
    assert result["versions"] == {"python": "3.11.7", "torch": "2.9"}


@pytest.mark.parametrize("name", ["manifest.json", "steps.jsonl", "report.json"])
def test_an_unfinished_folder_is_refused(
    name: str, work_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (work_dir / name).unlink()
    assert main([str(work_dir), "--name", "a", "--out", str(tmp_path / "out")]) == 2
    assert f"{name} does not exist" in capsys.readouterr().err
