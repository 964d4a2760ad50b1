import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # benchmarks/ is no part of the package

from benchmarks.result import Result, write_result  # noqa: E402
from poseforge.profiling.result_file import measurement, new_result  # noqa: E402

METRIC = "PCK@0.2[torso]"


@pytest.fixture
def speed() -> Result:
    """A result of kind speed."""
    values = [measurement("model: step", "images/s", [110.0, 90.0, 100.0])]
    return new_result("speed", "rate", device=torch.device("cpu"), settings={}, measurements=values)


def row(label: str, pck: float) -> dict[str, Any]:
    """Return a row as tools/test.py --json writes it."""
    names = ("PCK@0.2", "PCK@0.1", "AUC")
    return {
        "label": label,
        "metric": METRIC,
        "people": 100,
        "values": dict.fromkeys(names, pck),
        "intervals": {name: [pck - 1, pck + 1] for name in names},
        "columns": {},
        "notes": [],
    }


@pytest.fixture
def accuracy() -> Result:
    """A result of kind accuracy, of a training that was stopped half way."""
    result = new_result("accuracy", "small", device=torch.device("cpu"), settings={})
    rows = [row("small", 60.0), row("mean pose in the box", 8.0)]
    result["rows"] = [{**item, "protocol": "lsp_test; crop: joints"} for item in rows]
    result["training"] = {
        "commit": "0123456789abcdef+changes",
        "seed": 0,
        "data": {},
        "iterations": 50,
        "planned_iterations": 100,
    }
    return result


@pytest.fixture
def agreement() -> Result:
    """A result of kind agreement: one number as published, and one that is not."""
    result = new_result("agreement", "published", device=torch.device("cpu"), settings={})
    row = {
        "predictions": "CPM",
        "number": "PCK@0.2",
        "published": 84.32,
        "source": "the paper",
        "measured": 84.3214,
        "low": 83.1,
        "high": 85.5,
        "equal": True,
        "metric": METRIC,
    }
    result["rows"] = [row, {**row, "published": 84.33, "equal": False}]
    return result


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Result], Path]:
    """Write results into a folder of the test's own."""
    return lambda result: write_result(result, tmp_path / "results")


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    """A run's folder: 3 of 10 iterations of 4 people at 8 images/s, reports plain and flipped."""
    folder = tmp_path / "run"
    folder.mkdir()
    manifest = {
        "commit": "0123456789abcdef",
        "command": ["tools/train.py", "configs/a.py", "--work-dir", "/somewhere/deep/run"],
        "seed": 3,
        "python": "3.11.7",
        "packages": {"torch": "2.9"},
        "machine": {"cpu": "Other", "cores": 8, "gpu": "NVIDIA H200", "processes": 1},
        "data": {"train": {"name": "a", "people": 21, "fingerprint": "f"}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    steps = [{"iteration": i + 1, "images_per_s": 8.0} for i in range(3)]
    (folder / "steps.jsonl").write_text("".join(f"{json.dumps(step)}\n" for step in steps))
    (folder / "config.py").write_text(
        "train_dataloader = dict(dataset=dict(type='LSP'), transforms=[], batch_size=4)\n"
        "train_cfg = dict(max_epochs=2)\n"
        "work_dir = '/somewhere/deep/run'\n"
    )
    floor = row("mean pose in the box", 8.0)
    for name, model in (("report.json", row("a", 60.0)), ("flip.json", row("a + flip", 61.0))):
        report = {"protocol": "lsp_test", "rows": [model, floor]}
        (folder / name).write_text(json.dumps(report))
    return folder
