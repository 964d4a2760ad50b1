from typing import Any

import torch
from mmengine.hooks import Hook
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

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
        average = get_ema_multi_avg_fn(1 - self.momentum)
        runner.averaged = AveragedModel(
            runner.model.estimator, multi_avg_fn=average, use_buffers=True
        )

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if runner.optim_wrapper.window_is_closed:
            runner.averaged.update_parameters(runner.model.estimator)
            self._copy_counters(runner)

    def before_val_epoch(self, runner: Any) -> None:
        self._swap(runner)

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self._swap(runner)

    @torch.no_grad()
    def _copy_counters(self, runner: Any) -> None:
        """Take over whole numbers: an average of them would be cut off to the one below."""
        now = runner.model.estimator.buffers()
        for average, buffer in zip(runner.averaged.module.buffers(), now, strict=True):
            if not buffer.is_floating_point():
                average.copy_(buffer)

    @torch.no_grad()
    def _swap(self, runner: Any) -> None:
        trained = runner.model.estimator.state_dict()
        for name, average in runner.averaged.module.state_dict().items():
            kept = trained[name].clone()
            trained[name].copy_(average)
            average.copy_(kept)
