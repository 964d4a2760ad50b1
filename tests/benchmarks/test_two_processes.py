from pathlib import Path

from benchmarks.result import check_result
from benchmarks.two_processes import main


def test_every_case_is_timed_and_compared(tmp_path: Path):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    medians = {item["name"]: item["median"] for item in result["measurements"]}
    assert len(medians) == 3 + 2
    assert all(value > 0 for value in medians.values())
    quotient = medians["two processes, DDP"] / medians["one process"]
    assert abs(medians["two processes, DDP ÷ one process"] / quotient - 1) < 1e-9
