"""A cascade's stages are trained by one command, each resumable to the last bit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from poseforge.engine import benchmark
from poseforge.engine.config import RunConfig
from poseforge.engine.train import train
from poseforge.models import read_checkpoint
from tests.engine.stopping import StopAt

MakeConfig = Callable[..., RunConfig]


@pytest.fixture
def make_cascade(make_config: MakeConfig) -> MakeConfig:
    """26 people, 6 iterations an epoch: one epoch of each of three stages."""

    def make(run: str) -> RunConfig:
        plan = ("train_cfg.max_epochs=3", "train_cfg.phase_starts=(1, 2)")
        config = make_config(*plan, run=run)
        values = config.values
        part = {**values["model"], "codec": values["codec"]}
        config.values["model"] = {
            "type": "Cascade",
            "skeleton": part.pop("skeleton"),
            "first": part,
            "views_per_image": 3,
        }
        config.values["codec"] = {"type": "Coordinates", "input_size": (32, 32)}
        return config

    return make


@pytest.mark.parametrize("stop", [9, 12, 15])
def test_a_resumed_run_is_the_straight_one(
    make_cascade: MakeConfig, console: Console, tmp_path: Path, stop: int
):
    train(make_cascade("straight"), console, launcher="none", resume=None)
    config = make_cascade("stopped")
    config.values["custom_hooks"] = [{"type": StopAt, "iteration": stop}]
    assert train(config, console, launcher="none", resume=None).interrupted is not None
    train(make_cascade("stopped"), console, launcher="none", resume="auto")
    straight, resumed = (
        read_checkpoint(tmp_path / run / "last.pth")["state_dict"]
        for run in ("straight", "stopped")
    )
    assert straight["trained"] == 3
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
    assert straight["errors.1.covariance"].diagonal(dim1=1, dim2=2).min() > 0


def test_the_table_has_a_row_for_each_stage(
    make_cascade: MakeConfig, console: Console, tmp_path: Path
):
    config = make_cascade("run")
    train(config, console, launcher="none", resume=None)
    stages = benchmark.TestTime(stages=True)
    found = benchmark.benchmark(config, tmp_path / "run" / "last.pth", console, test_time=stages)
    assert found is not None
    models = found.evaluation.models
    assert [model.label for model in models] == ["tiny, stage 1", "tiny, stage 2", "tiny"]
    first, second, third = (model.predictions.keypoints for model in models)
    assert not (first == second).all()
    assert not (second == third).all()
