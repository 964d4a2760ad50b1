"""The three phases in one run: the close look finds what the coarse one cannot resolve."""

from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine import benchmark
from poseforge.engine.config import load_config
from poseforge.engine.train import train


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("data_root")
def test_on_sixteen_real_people_the_fine_stage_is_better_than_the_coarse_one(tmp_path: Path):
    config = load_config("configs/eol_lsp_overfit.py", [f"work_dir='{tmp_path}'", "device='cpu'"])
    quiet = Console(quiet=True)
    train(config, quiet, launcher="none", resume=None)
    stages = benchmark.TestTime(stages=True)
    found = benchmark.benchmark(config, tmp_path / "best.pth", quiet, test_time=stages)
    assert found is not None
    coarse, fine = (model.reports[0] for model in found.evaluation.models)
    assert fine.values["PCK@0.2"] >= 95
    assert fine.values["PCK@0.1"] >= coarse.values["PCK@0.1"] + 5
