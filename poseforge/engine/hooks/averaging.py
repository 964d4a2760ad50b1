from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from poseforge.engine.mmengine_parts import Hook
from poseforge.registry import HOOKS


@HOOKS.register_module()
class AveragingHook(Hook):
    """Keep an exponential moving average of the weights; validate and save with it.

    Args:
        momentum: The weight of the newest parameters in each update.
    """

    priority = "HIGH"

    def __init__(self, momentum: float) -> None:
        self.momentum = momentum

    def before_run(self, runner: Any) -> None:
        runner.averaged = AveragedModel(runner.model.estimator, use_buffers=True)

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if runner.optim_wrapper.window_is_closed:
            self._update(runner.averaged, runner.model.estimator)

    @torch.no_grad()
    def _update(self, averaged: AveragedModel, model: nn.Module) -> None:
        """Move the averages; torch's own update makes a GPU wait for its counter."""
        pairs = list(zip(_tensors(averaged.module), _tensors(model), strict=True))
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        weight = self.momentum if averaged.n_averaged else 1.0
        averages, newest = zip(*floats, strict=True)
        torch._foreach_lerp_(averages, newest, weight)
        for average, now in pairs:
            if not average.is_floating_point():  # an average would be cut off to the one below
                average.copy_(now)
        averaged.n_averaged += 1

    def before_val_epoch(self, runner: Any) -> None:
        self._swap(runner)

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self._swap(runner)

    @torch.no_grad()
    def _swap(self, runner: Any) -> None:
        trained = runner.model.estimator.state_dict()
        for name, average in runner.averaged.module.state_dict().items():
            kept = trained[name].clone()
            trained[name].copy_(average)
            average.copy_(kept)


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    return chain(module.parameters(), module.buffers())
