"""Steps profiled in the middle of a real training, by our hook and by mmengine's."""

import csv
import json
from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine.config import load_config
from poseforge.engine.train import train
from poseforge.profiling.hook import ProfileHook

SMALL = [
    "train_dataloader.dataset.num_people=24", "train_dataloader.batch_size=2",
    "train_dataloader.num_workers=0", "val_dataloader=None", "test_dataloader=None",
    "train_cfg={'max_iters': 10, 'log_interval': 100}", "device='cpu'",
]  # fmt: skip


def trained(folder: Path, hook: dict | None):
    hooks = [] if hook is None else [hook]
    config = load_config(
        "configs/quickstart.py", [*SMALL, f"work_dir='{folder}'", f"custom_hooks={hooks}"]
    )
    train(config, Console(quiet=True), launcher="none", resume=None)
    lines = (folder / "steps.jsonl").read_text().splitlines()
    return [json.loads(line)["total"] for line in lines]


def test_steps_of_a_run_are_profiled_and_the_run_goes_on_as_without(tmp_path):
    kind = "poseforge.profiling.hook.ProfileHook"
    plain = trained(tmp_path / "plain", None)
    profiled = trained(tmp_path / "profiled", {"type": kind, "first": 4, "last": 8})
    assert profiled == plain
    folder = tmp_path / "profiled" / "profile"
    found = json.loads((folder / "profile.json").read_text())
    assert found["settings"]["steps"] == 3  # 5, 6 and 7
    names = {layer["name"] for layer in found["layers"]}
    assert {"waiting for data", "head.blocks.0.0", "codec.encode", "optimizer"} <= names
    with (folder / "layers.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(names)
    flops = {layer["name"]: layer["work"]["flops"] for layer in found["layers"]}
    assert flops["head.blocks.0.0"] == 3 * 2 * 2 * 36 * 128 * 128 * 49
    events = json.loads((folder / "trace.pt.trace.json").read_text())["traceEvents"]
    assert sum(event.get("name") == "step" for event in events) == 1
    assert (folder / "profile.html").is_file()


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 6), (9, 3)])
def test_too_few_steps_are_refused(first, last):
    with pytest.raises(ValueError, match="3 or more"):
        ProfileHook(first, last)


def test_mmengine_s_own_hook_writes_a_trace(tmp_path):
    trace = tmp_path / "mmengine.json"
    hook = {
        "type": "mmengine.hooks.ProfilerHook", "by_epoch": False, "profile_times": 3,
        "json_trace_path": str(trace),
    }  # fmt: skip
    trained(tmp_path / "run", hook)
    names = {event.get("name") for event in json.loads(trace.read_text())["traceEvents"]}
    assert "aten::convolution" in names or "aten::conv2d" in names
