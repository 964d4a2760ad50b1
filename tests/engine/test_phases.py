"""Models that are trained in phases: one command, each phase resumable."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from rich.console import Console

from poseforge.datasets import SyntheticPeople
from poseforge.engine.checks import SetupError
from poseforge.engine.config import RunConfig
from poseforge.engine.hooks import Hook
from poseforge.engine.train import train
from poseforge.models.checkpoints import read_checkpoint
from poseforge.models.estimators import TopDown
from poseforge.registry import ESTIMATORS
from tests.engine.stopping import StopAt

MakeConfig = Callable[..., RunConfig]
PEOPLE = SyntheticPeople(26, seed=0, size=48).people


class TwoPhases(TopDown):
    """First the whole network is trained, then the head alone; the labelled joints are counted."""

    phases = 2

    def __init__(self, **options):
        super().__init__(**options)
        self.register_buffer("labelled", torch.zeros(()))
        self.register_buffer("phase", torch.zeros((), dtype=torch.int64))

    def forward(self, batch, mode):
        found = super().forward(batch, mode)
        second = mode == "loss" and self.phase == 1
        return {"loss_of_the_second": sum(found.values())} if second else found

    def begin_phase(self, phase, batches):
        self.backbone.requires_grad_(phase == 0)
        if phase and batches is not None:
            self.labelled.fill_(sum(float((batch["visible"] > 0).sum()) for batch in batches))
            self.phase.fill_(phase)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    ESTIMATORS.register_module(module=TwoPhases)
    yield
    ESTIMATORS.module_dict.pop("TwoPhases")


@pytest.fixture
def make_phased(make_config: MakeConfig) -> MakeConfig:
    """26 people, 6 iterations an epoch: two epochs of each phase."""

    def make(*overrides: str, run: str = "run") -> RunConfig:
        plan = ("train_cfg.max_epochs=4", "train_cfg.phase_starts=(2,)", "train_cfg.log_interval=5")
        return make_config("model.type='TwoPhases'", *plan, *overrides, run=run)

    return make


class Watch(Hook):
    """Keep the backbone's weights as they are behind each iteration."""

    seen: ClassVar[list[torch.Tensor]] = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        weight = next(runner.model.estimator.backbone.parameters())
        self.seen.append(weight.detach().clone())


def test_the_second_phase_trains_what_is_left_and_has_measured(
    make_phased: MakeConfig, console: Console, tmp_path: Path
):
    Watch.seen.clear()
    config = make_phased("param_scheduler={'type': 'cosine'}")
    config.values["custom_hooks"] = [{"type": Watch}]
    train(config, console, launcher="none", resume=None)
    backbones = Watch.seen
    assert len(backbones) == 24
    assert not torch.equal(backbones[10], backbones[11])
    assert all(torch.equal(weights, backbones[11]) for weights in backbones[12:])
    state = read_checkpoint(tmp_path / "run" / "last.pth")["state_dict"]
    assert state["labelled"] == (PEOPLE.visible > 0).sum()
    lines = (tmp_path / "run" / "steps.jsonl").read_text().splitlines()
    rates = [json.loads(line)["lr"] for line in lines]
    assert rates[:12] == rates[12:]  # the schedule begins anew
    assert ["loss_of_the_second" in line for line in lines] == [False] * 12 + [True] * 12
    assert rates[0] == pytest.approx(1e-2)


def test_the_speed_of_a_phases_first_iteration_is_its_own(
    make_phased: MakeConfig, console: Console, tmp_path: Path
):
    plan = ("train_cfg.log_interval=13", "train_cfg.val_interval=4")
    train(make_phased(*plan), console, launcher="none", resume=None)
    lines = (tmp_path / "run" / "steps.jsonl").read_text().splitlines()
    assert all(json.loads(line)["images_per_s"] > 0 for line in lines)


@pytest.mark.parametrize("stop", [9, 12, 17])
def test_a_resumed_run_is_the_straight_one(
    make_phased: MakeConfig, console: Console, tmp_path: Path, stop: int
):
    train(make_phased(run="straight"), console, launcher="none", resume=None)
    config = make_phased(run="stopped")
    config.values["custom_hooks"] = [{"type": StopAt, "iteration": stop}]
    assert train(config, console, launcher="none", resume=None).interrupted is not None
    train(make_phased(run="stopped"), console, launcher="none", resume="auto")
    straight, resumed = (
        read_checkpoint(tmp_path / run / "last.pth")["state_dict"]
        for run in ("straight", "stopped")
    )
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_each_phase_has_its_own_best_weights(
    make_phased: MakeConfig, console: Console, tmp_path: Path
):
    config = make_phased()
    config.values["optim_wrapper"]["optimizer"]["lr"] = 0.0  # every validation scores the same
    outcome = train(config, console, launcher="none", resume=None)
    assert [record["phase"] for record in outcome.history] == [0, 0, 1, 1]
    best = read_checkpoint(tmp_path / "run" / "best.pth")
    assert best["meta"]["epoch"] == 3
    assert best["state_dict"]["phase"] == 1


def test_what_is_frozen_is_the_average_that_was_validated(
    make_phased: MakeConfig, console: Console, tmp_path: Path
):
    config = make_phased("ema={'momentum': 0.1}")
    train(config, console, launcher="none", resume=None)
    state = read_checkpoint(tmp_path / "run" / "last.pth")
    trained, averaged = state["training"]["model"], state["state_dict"]
    name = next(name for name in trained if name.startswith("backbone.") and "weight" in name)
    torch.testing.assert_close(averaged[name], trained[name], rtol=1e-5, atol=1e-7)
    assert averaged["labelled"] == trained["labelled"] > 0
    assert averaged["phase"] == trained["phase"] == 1


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("train_cfg.phase_starts=()",), "the model is trained in 2 phases; give 1"),
        (("train_cfg.phase_starts=(4,)",), "do not rise from above 0 to below"),
        (("val_dataloader=None",), "add a val_dataloader"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(
    make_phased: MakeConfig, console: Console, overrides: tuple[str, ...], message: str
):
    with pytest.raises((SetupError, ValueError), match=message):
        train(make_phased(*overrides), console, launcher="none", resume=None)
