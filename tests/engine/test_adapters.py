import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from rich.console import Console

from poseforge.engine.adapters import NonFiniteLossError
from poseforge.engine.config import RunConfig
from poseforge.engine.hooks import Hook
from poseforge.engine.train import train
from poseforge.models.checkpoints import read_checkpoint

MakeConfig = Callable[..., RunConfig]
ADAMW = {"type": "AdamW", "lr": 1e-2}
SGD = {"type": "SGD", "lr": 1e-2, "momentum": 0.9}


class Poison(Hook):
    """Make the loss of an iteration infinite, and keep what the training was just before it."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if runner.iter + 1 == self.iteration:
            runner.model.estimator.head.criterion.scale = float("inf")
            Poison.names = runner.sample_names[data_batch["index"].numpy()]
            Poison.gradients = {
                name: parameter.grad.clone()
                for name, parameter in runner.model.estimator.named_parameters()
                if parameter.grad is not None
            }
            Poison.weights = deepcopy(runner.model.estimator.state_dict())
            Poison.optimizer = deepcopy(runner.optim_wrapper.optimizer.state_dict())


@pytest.mark.parametrize(
    ("iteration", "optimizer", "accumulative_counts"),
    [
        (5, ADAMW, 1),  # the device skips the update by itself
        (1, SGD, 1),
        (5, SGD, 1),
        (5, {**ADAMW, "fused": False}, 1),  # the host looks before the backward pass
        (5, ADAMW, 3),  # as it does where gradients wait
    ],
)
def test_nothing_is_updated_with_a_broken_loss(
    make_config: MakeConfig,
    console: Console,
    iteration: int,
    optimizer: dict[str, object],
    accumulative_counts: int,
):
    config = make_config(
        f"optim_wrapper.optimizer={optimizer}",
        f"optim_wrapper.accumulative_counts={accumulative_counts}",
        "optim_wrapper.clip_norm=1.0",
    )
    config.values["custom_hooks"] = [{"type": Poison, "iteration": iteration}]
    with pytest.raises(NonFiniteLossError, match=f"at iteration {iteration}; the samples") as error:
        train(config, console, launcher="none", resume=None)
    assert ", ".join(Poison.names) in str(error.value)
    state = read_checkpoint(Path(config.values["work_dir"]) / "last.pth")["training"]
    assert state["iteration"] == iteration - 1
    torch.testing.assert_close(state["model"], Poison.weights, rtol=0, atol=0)
    torch.testing.assert_close(state["gradients"], Poison.gradients, rtol=0, atol=0)
    before, after = Poison.optimizer["state"], state["optimizer"]["state"]
    assert before.keys() == after.keys()
    for number, values in before.items():
        torch.testing.assert_close(after[number], values, rtol=0, atol=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch, while it compiles
def test_a_compiled_run_learns_what_an_eager_one_does(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    found = {}
    for mode in (None, "default"):
        # SGD: Adam's first steps blow the last digits of a gradient up to the size of the step.
        config = make_config(f"train_cfg.compile={mode!r}", f"optim_wrapper.optimizer={SGD}")
        config.values["work_dir"] = str(tmp_path / f"run-{mode}")
        outcome = train(config, console, launcher="none", resume=None)
        lines = (outcome.work_dir / "steps.jsonl").read_text().splitlines()
        found[mode] = [json.loads(line)["total"] for line in lines]
    assert len(found[None]) == 12
    assert found["default"] == pytest.approx(found[None], rel=1e-4)
    assert found["default"] != found[None]  # or nothing was compiled


@pytest.mark.gpu
@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["optim_wrapper.amp='bf16'"],
        ["optim_wrapper.amp='fp16'"],
        ["optim_wrapper.optimizer={'type': 'SGD', 'lr': 0.01, 'momentum': 0.9}"],
        ["train_cfg.channels_last=True", "ema={'momentum': 0.1}", "optim_wrapper.clip_norm=1.0"],
    ],
)
def test_between_log_records_no_step_waits_for_the_device(
    make_config: MakeConfig, console: Console, overrides: list[str]
):
    class Watch(Hook):
        """Let torch raise where the host waits, but for the first iterations and the last one."""

        priority = "HIGHEST"
        steps = 0

        def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
            last = runner.train_loop.epoch_iters
            watched = 2 < runner.iter + 1 < last
            torch.cuda.set_sync_debug_mode("error" if watched else "default")
            Watch.steps += watched

    config = make_config("device='cuda'", "train_cfg.log_interval=1000", *overrides)
    config.values["train_cfg"]["max_epochs"] = 1
    config.values["custom_hooks"] = [{"type": Watch}]
    try:
        train(config, console, launcher="none", resume=None)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert Watch.steps == 3
