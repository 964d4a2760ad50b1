"""The stages of a cascade in one run: the third finds joints that the first has only nearly."""

from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine import benchmark
from poseforge.engine.config import load_config
from poseforge.engine.train import train


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("data_root")
def test_on_sixteen_real_people_each_stage_is_better_than_the_one_before(tmp_path: Path):
    config = load_config(
        "configs/deeppose_lsp_overfit.py", [f"work_dir='{tmp_path}'", "device='cpu'"]
    )
    quiet = Console(quiet=True)
    train(config, quiet, launcher="none", resume=None)
    stages = benchmark.TestTime(stages=True)
    found = benchmark.benchmark(config, tmp_path / "last.pth", quiet, test_time=stages)
    assert found is not None
    first, second, third = (report.values for _, report in found.evaluation.rows)
    assert third["PCK@0.2"] >= 95
    assert first["PCK@0.1"] + 10 <= third["PCK@0.1"]
    assert first["AUC"] < second["AUC"] < third["AUC"]
