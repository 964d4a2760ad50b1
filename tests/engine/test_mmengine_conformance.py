"""What we use of mmengine, by its effects: run this file to judge a new mmengine.

Resuming, averages, accumulation, mixed precision on the CPU and two processes, each compared
with an independent computation or with the straight run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import nn

from poseforge.engine.config import RunConfig
from poseforge.engine.hooks import Hook
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.engine.train import train
from poseforge.models.checkpoints import read_checkpoint
from tests.engine.stopping import StopAt

MakeConfig = Callable[..., RunConfig]
RICH = [
    "ema={'momentum': 0.1}",
    "optim_wrapper.accumulative_counts=4",
    "optim_wrapper.clip_norm=0.5",
    "param_scheduler.type='cosine'",
]


def weights_of(config: RunConfig) -> dict[str, torch.Tensor]:
    state = read_checkpoint(Path(config.values["work_dir"]) / "last.pth")
    return {**state["training"]["model"], **{f"ema.{k}": v for k, v in state["state_dict"].items()}}


def assert_same_run(one: RunConfig, other: RunConfig) -> None:
    ours, theirs = weights_of(one), weights_of(other)
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("stop", [3, 6, 8])
def test_a_run_stopped_in_mid_epoch_and_resumed_ends_with_the_straight_runs_weights(
    make_config: MakeConfig, console: Console, stop: int, workers: int
):
    rich = [*RICH, f"train_dataloader.num_workers={workers}"]
    straight = make_config(*rich, run="straight")
    assert train(straight, console, launcher="none", resume=None).interrupted is None

    stopping = make_config(*rich, run="b")
    stopping.values["custom_hooks"] = [{"type": StopAt, "iteration": stop}]
    assert train(stopping, console, launcher="none", resume=None).interrupted is not None
    resumed = make_config(*rich, run="b")
    assert train(resumed, console, launcher="none", resume="auto").interrupted is None

    assert_same_run(straight, resumed)
    lines = (Path(resumed.values["work_dir"]) / "steps.jsonl").read_text().splitlines()
    assert [json.loads(line)["iteration"] for line in lines] == list(range(1, 13))


@pytest.mark.parametrize("length", [{"max_epochs": 1}, {"max_iters": 6, "val_interval": 6}])
def test_a_run_stopped_behind_its_last_step_is_validated_on_resuming(
    make_config: MakeConfig, console: Console, length: dict[str, int]
):
    config = make_config()
    config.values["train_cfg"] = length
    config.values["custom_hooks"] = [{"type": StopAt, "iteration": 6}]
    stopped = train(config, console, launcher="none", resume=None)
    assert stopped.interrupted is not None
    assert stopped.history == []
    config.values["custom_hooks"] = []
    steps = Path(config.values["work_dir"]) / "steps.jsonl"
    steps.write_text(steps.read_text() + '{"iteration": 7, "ep')  # as a kill leaves it
    resumed = train(config, console, launcher="none", resume="auto")
    assert [record["iteration"] for record in resumed.history] == [6]
    assert len(read_steps(steps.parent)) == 6


def test_one_epoch_and_one_more_after_resuming_equal_two_straight(
    make_config: MakeConfig, console: Console
):
    straight = make_config(run="straight")
    train(straight, console, launcher="none", resume=None)
    train(make_config("train_cfg.max_epochs=1", run="b"), console, launcher="none", resume=None)
    longer = make_config(run="b")
    train(longer, console, launcher="none", resume="auto")
    assert_same_run(straight, longer)


def test_accumulated_gradients_are_those_of_the_large_batch():
    torch.manual_seed(0)
    layer = nn.Linear(3, 1)
    inputs = torch.randn(8, 3)
    expected = torch.autograd.grad(layer(inputs).mean(), layer.weight)[0]
    start = layer.weight.detach().clone()
    wrapper = AutocastOptimWrapper(
        torch.optim.SGD(layer.parameters(), lr=1.0), device_type="cpu", accumulative_counts=4
    )
    for part in inputs.split(2):
        assert torch.equal(layer.weight, start)
        with wrapper.optim_context(layer):
            loss = layer(part).mean()
        wrapper.update_params(loss)
    torch.testing.assert_close(start - layer.weight, expected)


def test_mixed_precision_computes_in_bfloat16_on_the_cpu_and_trains(
    make_config: MakeConfig, console: Console
):
    layer = nn.Linear(3, 1)
    wrapper = AutocastOptimWrapper(
        torch.optim.SGD(layer.parameters(), lr=1.0), device_type="cpu", amp="bf16"
    )
    with wrapper.optim_context(layer):
        assert layer(torch.randn(2, 3)).dtype == torch.bfloat16
    config = make_config("optim_wrapper.amp='bf16'")
    assert train(config, console, launcher="none", resume=None).interrupted is None


def test_the_averaged_weights_follow_the_closed_form(make_config: MakeConfig, console: Console):
    momentum = 0.25
    seen: list[torch.Tensor] = []

    class Watch(Hook):
        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
            seen.append(runner.model.estimator.head.blocks[-1].bias.detach().clone())

    config = make_config(f"ema={{'momentum': {momentum}}}", "train_cfg.max_epochs=1")
    config.values["custom_hooks"] = [{"type": Watch}]
    train(config, console, launcher="none", resume=None)
    average = seen[0]  # the first update copies
    for value in seen[1:]:
        average = (1 - momentum) * average + momentum * value
    kept = read_checkpoint(Path(config.values["work_dir"]) / "last.pth")["state_dict"]
    torch.testing.assert_close(kept["head.blocks.1.bias"], average)


@pytest.mark.slow
def test_two_processes_learn_and_score_what_one_does(
    make_config: MakeConfig, console: Console, config_file: Path, tmp_path: Path
):
    # SGD: Adam's first steps blow the last digits of a gradient up to the size of the step.
    sgd = "optim_wrapper.optimizer={'type': 'SGD', 'lr': 0.01, 'momentum': 0.9}"
    single = make_config("train_dataloader.batch_size=8", sgd, run="single")
    outcome = train(single, console, launcher="none", resume=None)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--master-port", "29617", "-m", "poseforge.cli.main", "train", str(config_file),
        "--launcher", "pytorch", "--device", "cpu", "--work-dir", str(tmp_path / "double"),
        "--cfg-options", "test_dataloader=None", sgd,
    ]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]

    ours = read_steps(tmp_path / "single")
    theirs = read_steps(tmp_path / "double")
    assert len(ours) == len(theirs) == 6
    for one, other in zip(ours, theirs, strict=True):
        assert one["total"] == pytest.approx(other["total"], rel=1e-5)
    state = read_checkpoint(tmp_path / "double" / "last.pth")
    for record, other in zip(outcome.history, state["training"]["history"], strict=True):
        assert record == pytest.approx(other)


def read_steps(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
