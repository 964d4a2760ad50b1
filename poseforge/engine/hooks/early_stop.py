from typing import Any

from poseforge.engine.mmengine_parts import Hook
from poseforge.registry import HOOKS


@HOOKS.register_module()
class EarlyStopHook(Hook):
    """End the training when validations have stopped getting better.

    Args:
        patience: Validations without a new best score.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        if runner.stale_validations >= self.patience:
            runner.train_loop.stop_training = True
