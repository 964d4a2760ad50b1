"""Learning-rate factors as pure functions of the iteration.

Having no state, a schedule cannot be restored wrongly: resuming, or going on for longer than first
planned, computes the factor anew.
"""

import math

from poseforge.engine.settings import ScheduleSettings


def factor(settings: ScheduleSettings, iteration: int, max_iters: int) -> float:
    """Return what the base learning rate is multiplied by.

    Args:
        settings: The schedule.
        iteration: Iterations done, from 0.
        max_iters: The run's length in iterations.
    """
    if iteration < settings.warmup_iters:
        return (iteration + 1) / (settings.warmup_iters + 1)
    if settings.type == "cosine":
        span = max(max_iters - settings.warmup_iters, 1)
        progress = min((iteration - settings.warmup_iters) / span, 1.0)
        wave = (1 + math.cos(math.pi * progress)) / 2
        return settings.min_factor + (1 - settings.min_factor) * wave
    if settings.type == "step":
        if settings.every_iters:
            return settings.gamma ** (iteration // settings.every_iters)
        passed = sum(iteration >= fraction * max_iters for fraction in settings.milestones)
        return settings.gamma**passed
    return 1.0
