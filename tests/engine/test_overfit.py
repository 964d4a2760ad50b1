"""The whole chain is right: narrow variants of the three models learn 16 real people by heart."""

from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine.config import load_config
from poseforge.engine.train import train


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("model", ["simplepose", "hmappose", "cpm"])
@pytest.mark.usefixtures("data_root")
def test_a_narrow_model_learns_sixteen_real_people_by_heart(model: str, tmp_path: Path):
    config = load_config(
        f"configs/{model}_lsp_overfit.py", [f"work_dir='{tmp_path}'", "device='cpu'"]
    )
    outcome = train(config, Console(quiet=True), launcher="none", resume=None)
    assert outcome.history[-1]["PCK@0.2"] >= 95
