"""mmengine's Runner with its data, checkpoint, logging and start-up sides replaced by ours."""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from torch.optim.swa_utils import AveragedModel

from poseforge.engine.adapters import RunnerModel
from poseforge.engine.checkpoint import (
    State,
    capture_training,
    describe,
    restore_training,
    write_checkpoint,
)
from poseforge.engine.config import RunConfig
from poseforge.engine.data import Source
from poseforge.engine.distributed import World
from poseforge.engine.learning_rate import scaled_rate, with_rate
from poseforge.engine.loops import PoseTrainLoop, Validation
from poseforge.engine.mmengine_parts import Hook, Runner
from poseforge.engine.optim import build_wrapper
from poseforge.engine.strategies import whole
from poseforge.models.checkpoints import load_weights

NO_DEFAULT_HOOKS = dict.fromkeys(
    ("runtime_info", "timer", "sampler_seed", "logger", "param_scheduler", "checkpoint")
)


class PoseRunner(Runner):
    """Drive the loops and the hooks of one training.

    Args:
        model: What is trained.
        config: The run's config.
        work_dir: The run's folder.
        source: Whom to train on.
        validation: Run by the training loop when one is due; None trains without.
        hooks: Hooks, by priority and then in this order.
        world: Which process this is.
        state: The checkpoint to go on from.

    Attributes:
        sample_names: What the training batches' indices mean.
        averaged: The averaged weights, where a hook keeps them.
        rate: The learning rate that fits the batch; None is the config's.
        history: One record a validation: `iteration`, `epoch`, `headline` and every value.
    """

    def __init__(
        self,
        model: RunnerModel,
        config: RunConfig,
        work_dir: Path,
        source: Source,
        *,
        validation: Validation | None,
        hooks: list[Hook],
        world: World,
        state: State | None = None,
    ) -> None:
        self.config = config
        self.world = world
        self.state = state
        self.rate = scaled_rate(config, world)
        self.averaged: AveragedModel | None = None
        self.history: list[dict[str, Any]] = []
        self.validation = validation
        self.sample_names = source.dataset.sample_names
        super().__init__(
            model=model,
            work_dir=str(work_dir),
            train_dataloader=source.loader,
            train_cfg={"type": PoseTrainLoop},
            optim_wrapper=build_wrapper(
                model.estimator, with_rate(config.optim, self.rate), model.device.type
            ),
            default_hooks=NO_DEFAULT_HOOKS,
            custom_hooks=hooks,
            randomness={"seed": config.values["seed"] + world.rank},
            default_scope="mmengine",
            experiment_name=f"{config.name}-{uuid.uuid4().hex}",
        )
        with suppress(OSError):  # another process was faster, or something lies in it
            os.rmdir(self._log_dir)  # the Runner makes a dated folder for logs that we do not use

    def build_logger(self, *args: Any, **kwargs: Any) -> Any:
        """Keep mmengine quiet: the run's log is written by `RecordHook`."""
        return super().build_logger(log_level="ERROR", log_file=os.devnull)

    def build_visualizer(self, *args: Any, **kwargs: Any) -> None:
        """Build none: pictures are drawn by hooks of ours."""

    def _log_env(self, env_cfg: dict[str, Any]) -> None:
        """Say nothing: the manifest holds it."""

    def dump_config(self) -> None:
        """Write nothing: the run's config is written before the Runner is made."""

    def wrap_model(self, model_wrapper_cfg: Any, model: RunnerModel) -> RunnerModel:
        """Leave the model as it is: it is on its device and made parallel already."""
        return model

    def load_or_resume(self) -> None:
        """Go on from the state that was given, if any."""
        if self.state is None:
            return
        training = self.state["training"]
        optimizer = self.optim_wrapper.optimizer
        rates = [group["lr"] for group in optimizer.param_groups]
        restore_training(training, self.model.estimator, self.optim_wrapper, self.world.rank)
        if self.rate is not None:  # the run may have had another number of processes
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["initial_lr"] = rate
        self.train_loop.move_to(training)
        self.history = training["history"]
        if self.averaged is not None:
            load_weights(self.averaged, training["averaged"] or {}, "the checkpoint's average")
        self.call_hook("after_resume")
        self.state = None

    def note_validation(self, headline: float, values: dict[str, float]) -> None:
        """Add a validation's result to the history."""
        record = {"iteration": self.iter, "epoch": self.epoch, "headline": headline, **values}
        if self.config.train.phase_starts:
            record["phase"], _ = self.train_loop.phase_at(self.iter - 1)
        self.history.append(record)

    def save_if_best(self) -> None:
        """Write `best.pth` if the newest validation is the best so far; every process calls it."""
        if self.stale_validations == 0:
            weights = self._weights()
            if self.world.is_main:
                write_checkpoint(weights, Path(self.work_dir) / "best.pth")

    def save_last(self) -> None:
        """Write `last.pth`, from which the run goes on exactly; every process calls it."""
        self.call_hook("before_save")
        training = capture_training(
            self.model.estimator, self.optim_wrapper, self.train_loop.position
        )
        training["history"] = self.history
        training["averaged"] = None if self.averaged is None else self.averaged.state_dict()
        if self.world.is_main:
            write_checkpoint(
                {**self._weights(training["model"]), "training": training},
                Path(self.work_dir) / "last.pth",
            )

    def _weights(self, trained: State | None = None) -> State:
        """Return what inference needs: the average, or what is trained, put together already."""
        if self.averaged is not None:
            weights = self.averaged.module.state_dict()
        else:
            weights = whole(self.model.estimator.state_dict()) if trained is None else trained
        meta = {"iteration": self.iter, "epoch": self.epoch, "history": self.history}
        return {
            **describe(self.model.estimator, self.config),
            "state_dict": weights,  # shared with `training`: the file holds it once
            "meta": meta,
        }

    @property
    def stale_validations(self) -> int:
        """How many validations have passed since the best one of the current phase."""
        phases = [record.get("phase") for record in self.history]
        scores = [r["headline"] for r in self.history if r.get("phase") == phases[-1]]
        return len(scores) - 1 - scores.index(max(scores)) if scores else 0
