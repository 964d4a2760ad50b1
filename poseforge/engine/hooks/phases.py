from collections.abc import Callable, Iterator
from typing import Any

import torch

from poseforge.engine.mmengine_parts import Hook
from poseforge.registry import HOOKS
from poseforge.structures import Batch

Batches = Callable[[], Iterator[Batch]]


@HOOKS.register_module()
class PhaseHook(Hook):
    """Train a model's phases one after the other.

    A phase begins before the first iteration of its own. What it measured then is in the model's
    buffers, so a run that is resumed within it only freezes and thaws again.

    Args:
        batches: Gives the training set once, as validation crops it, on the model's device.
    """

    priority = "VERY_HIGH"

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    def before_train(self, runner: Any) -> None:
        phase, start = runner.train_loop.phase_at(runner.iter)
        if runner.iter > start:
            self._begin(runner, phase, None)

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        phase, start = runner.train_loop.phase_at(runner.iter)
        if runner.iter == start:
            if runner.averaged is not None and phase:
                # What is frozen now is what was validated: the average.
                runner.model.estimator.load_state_dict(runner.averaged.module.state_dict())
            self._begin(runner, phase, self.batches())
            runner.model.train()

    def _begin(self, runner: Any, phase: int, batches: Iterator[Batch] | None) -> None:
        with torch.no_grad():
            runner.model.estimator.begin_phase(phase, batches)
        if runner.averaged is not None and batches is not None:
            runner.averaged.module.load_state_dict(runner.model.estimator.state_dict())
        runner.model.make_parallel()
