from pathlib import Path

import numpy as np
import pytest

from benchmarks.result import check_result
from benchmarks.step_overhead import CLOCKS, floor, main
from poseforge.profiling.result_file import measurement


def test_both_loops_are_timed_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # put back at the end
    assert main(["--tiny", "--device", "cpu", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    found = {item["name"]: item["values"] for item in result["measurements"]}
    for clock in CLOCKS:
        name = f"an iteration, {clock} time: "
        engine, bare = found[f"{name}PoseForge"], found[f"{name}bare loop"]
        assert len(engine) == len(bare) == 2
        assert min(engine + bare) > 0
        expected = np.subtract(engine, bare)
        np.testing.assert_allclose(found[f"{name}PoseForge − bare loop"], expected)
    assert result["settings"]["tiny"]


def test_the_promise_is_kept_only_below_it():
    kept, missed = (floor(measurement("PoseForge − bare", "ms", [took])) for took in (0.99, 1.0))
    assert kept.endswith("ms, kept")
    assert missed.endswith("NOT KEPT")
