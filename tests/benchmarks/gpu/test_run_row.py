import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu import run_row
from benchmarks.result import RESULTS, check_result

ROOT = Path(__file__).parents[3]
LEDGER = ROOT / "benchmarks" / "gpu" / "README.md"


def test_the_ledger_is_that_of_the_rows_and_models_and_ticked_where_there_is_a_result():
    text = LEDGER.read_text().partition("<!-- ledger")[2].partition("<!-- end -->")[0]
    lines = text.splitlines()[3:]
    expected = [
        f"| [{'x' if list(RESULTS.glob(f'{result}--nvidia-*.json')) else ' '}] | {cells}"
        for cells, result in run_row.ledger()
    ]
    assert lines == expected


@pytest.mark.parametrize(("arguments", "words"), [(["nobody"], "name a row"), ([], "name a row")])
def test_a_wrong_row_is_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
):
    assert run_row.main(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", run_row.ROWS, ids=[row.id for row in run_row.ROWS])
def test_a_row_runs_at_tiny_size(row: run_row.Row, tmp_path: Path):
    command = [sys.executable, "-m", "benchmarks.gpu.run_row", row.id, "--tiny", "--out", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    (path,) = tmp_path.glob("tiny_*--*.json")
    assert check_result(path)["measurements"]
