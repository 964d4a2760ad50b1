import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu import run_row
from benchmarks.result import RESULTS, check_result

ROOT = Path(__file__).parents[3]
LEDGER = ROOT / "benchmarks" / "gpu" / "README.md"


def test_the_ledger_and_the_rows_agree():
    text = LEDGER.read_text().partition("<!-- ledger")[2].partition("<!-- end -->")[0]
    lines = text.splitlines()[3:]
    expected = [run_row.ledger_cells(row) for row in run_row.ROWS]
    assert [line[len("| [ ] | ") :] for line in lines] == expected


def test_a_row_is_ticked_when_its_result_is_there():
    for row in run_row.ROWS:
        is_there = bool(list(RESULTS.glob(f"{row.name('lsp')}--nvidia-*.json")))
        box = "[x]" if is_there else "[ ]"
        assert f"| {box} | {row.id} |" in LEDGER.read_text()


def test_every_row_has_its_configs():
    for row in run_row.ROWS:
        for data in ("lsp", "synthetic"):
            for model in row.models:
                assert (ROOT / "configs" / f"{model}_{data}.py").is_file()


SAVES = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
time.sleep(60)
"""


def test_a_training_that_runs_too_long_is_asked_to_save_and_stop():
    assert run_row.run_for(["-c", SAVES], 2.0) is False
    assert run_row.run_for(["-c", "pass"], 60.0) is True


@pytest.mark.parametrize("code", ["raise SystemExit(2)", SAVES.replace("sys.exit(143)", "None")])
def test_a_training_that_fails_or_does_not_stop_fails_the_row(code: str):
    with pytest.raises(subprocess.CalledProcessError):
        run_row.run_for(["-c", code], 2.0, patience_s=0.5)


@pytest.mark.parametrize(("arguments", "words"), [(["nobody"], "name a row"), ([], "name a row")])
def test_a_wrong_row_is_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
):
    assert run_row.main(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", run_row.ROWS, ids=[row.id for row in run_row.ROWS])
@pytest.mark.parametrize("data", ["synthetic", "as there is"])
def test_a_row_runs_at_tiny_size(row: run_row.Row, data: str, tmp_path: Path):
    options = ["--tiny", "--out", str(tmp_path / "out"), "--work-dir", str(tmp_path / "run")]
    if data == "synthetic":
        options.append("--synthetic")
    command = [sys.executable, "-m", "benchmarks.gpu.run_row", row.id, *options]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    (path,) = (tmp_path / "out").glob("tiny_*--*.json")
    result = check_result(path)
    assert len(list((tmp_path / "out").iterdir())) <= 8
    if result["kind"] == "accuracy":
        labels = [item["label"] for item in result["rows"]]
        assert labels == [labels[0], "mean pose in the box", f"{labels[0]} + flip"]
        assert result["training"]["iterations"] == 4
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert result["training"]["data"] == manifest["data"]
