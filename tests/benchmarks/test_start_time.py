import os
import sys
import time
from pathlib import Path

import pytest
from mmengine.config import Config

from benchmarks.mmpose_first_iteration import BASE, TRAIN, EndAfterFirstIteration, write_config
from benchmarks.result import check_result
from benchmarks.start_time import (
    CLOCKS,
    FIRST,
    HELP,
    LIST,
    THEIRS,
    TORCH,
    commands,
    floors,
    main,
    seconds,
)
from poseforge.profiling.result_file import measurement


@pytest.mark.slow
def test_every_command_is_timed_beside_torch(tmp_path: Path):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    found = {item["name"]: item["median"] for item in result["measurements"]}
    for clock in CLOCKS:
        times = [found[f"{command}, {clock} time"] for command in (TORCH, FIRST, HELP, LIST)]
        assert min(times) > 0
        ratio = found[f"{FIRST} ÷ {TORCH}, {clock} time"]
        assert ratio == pytest.approx(times[1] / times[0])
    # Training loads torch too, and the others do not.
    assert found[f"{FIRST}, processor time"] > found[f"{TORCH}, processor time"]
    assert found[f"{TORCH}, processor time"] > found[f"{HELP}, processor time"]


def test_time_is_that_of_the_process_and_its_workers_end_with_it(tmp_path: Path):
    child = tmp_path / "child"
    code = (
        "import os, time, pathlib\n"
        f"if os.fork(): pathlib.Path({str(child)!r}).write_text(str(os.getpid())); "
        "time.sleep(0.3); os._exit(0)\n"
        "time.sleep(60)"
    )
    wall, processor = seconds([sys.executable, "-c", code])
    assert 0.3 <= wall < 30
    assert 0 < processor < 0.3
    group = int(child.read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # the child is another's to reap
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the process that was left behind is still there")


def test_a_command_that_fails_is_told_of():
    with pytest.raises(RuntimeError, match=r"cannot: the reason$"):
        seconds([sys.executable, "-c", "raise SystemExit('cannot: the reason')"])


@pytest.mark.parametrize(("more", "verdict"), [(0.0, "kept"), (0.01, "NOT KEPT")])
def test_a_promise_is_kept_up_to_its_limit(more: float, verdict: str):
    limits = {f"{FIRST} ÷ {TORCH}": 2.0, HELP: 1.0, LIST: 1.0}
    items = [measurement(f"{k}, wall time", "s", [v + more]) for k, v in limits.items()]
    assert [line.rpartition(", ")[2] for line in floors(items)] == [verdict] * 3


@pytest.mark.parametrize(("times", "verdict"), [(2.0, "kept"), (1.99, "NOT KEPT")])
def test_mmpose_is_compared_where_it_was_measured(times: float, verdict: str):
    limits = {f"{FIRST} ÷ {TORCH}": 2.0, HELP: 1.0, LIST: 1.0, f"{THEIRS} ÷ {FIRST}": times}
    items = [measurement(f"{k}, wall time", "s", [v]) for k, v in limits.items()]
    assert floors(items)[-1].endswith(f", {verdict}")
    assert THEIRS in floors(items)[-1]


def test_a_python_without_mmpose_is_told_of(tmp_path: Path):
    with pytest.raises(RuntimeError, match="cannot import mmpose"):
        commands(tmp_path, sys.executable, tiny=True)


def test_mmposes_config_ends_its_training_after_the_first_iteration(tmp_path: Path):
    data = {"annotations": "people.json", "images": "pictures/"}
    arguments = write_config(tmp_path, data, tmp_path / "config.py")
    assert arguments[0] == str(tmp_path / TRAIN)
    (tmp_path / BASE).parent.mkdir(parents=True)
    (tmp_path / BASE).write_text("train_dataloader = dict(batch_size=64, dataset=dict())\n")
    config = Config.fromfile(arguments[1])
    assert [hook["type"] for hook in config.custom_hooks] == [EndAfterFirstIteration.__name__]
    assert config.train_dataloader["batch_size"] == 16
    assert config.train_dataloader["dataset"]["ann_file"] == "people.json"
