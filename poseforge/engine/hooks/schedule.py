from typing import Any

from poseforge.engine.mmengine_parts import Hook
from poseforge.engine.schedule import factor
from poseforge.engine.settings import ScheduleSettings
from poseforge.registry import HOOKS


@HOOKS.register_module()
class ScheduleHook(Hook):
    """Set every parameter group's learning rate before each iteration, anew for each phase.

    Args:
        settings: The schedule.
    """

    priority = "VERY_HIGH"

    def __init__(self, settings: ScheduleSettings) -> None:
        self.settings = settings
        self.base: list[float] = []

    def before_train(self, runner: Any) -> None:
        groups = runner.optim_wrapper.optimizer.param_groups
        self.base = [group.setdefault("initial_lr", group["lr"]) for group in groups]

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        phase, start = runner.train_loop.phase_at(runner.iter)
        length = runner.train_loop.length_of(phase)
        now = factor(self.settings, runner.iter - start, length)
        groups = runner.optim_wrapper.optimizer.param_groups
        for group, base in zip(groups, self.base, strict=True):
            group["lr"] = base * now
