"""The learning rate that fits the number of samples a step: theirs is the base, ours may differ."""

import math
from dataclasses import dataclass, replace
from typing import Any

from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World
from poseforge.engine.settings import OptimSettings


@dataclass(frozen=True)
class ScaledRate:
    """A config's learning rate, scaled from the batch that it was chosen for to the run's.

    With SGD the rate grows as the batch does, after a warm-up (Goyal et al., 2017,
    https://arxiv.org/abs/1706.02677); with optimizers that divide by the gradient's size, such as
    Adam, its square root fits better (Malladi et al., NeurIPS 2022,
    https://arxiv.org/abs/2205.10287).

    Attributes:
        base: The config's learning rate.
        base_batch_size: Samples a step that it was chosen for.
        batch_size: Samples a step of this run: of a batch, all processes and all iterations whose
            gradients are averaged.
        rule: "linear" or "sqrt".
    """

    base: float
    base_batch_size: int
    batch_size: int
    rule: str

    @property
    def value(self) -> float:
        """The learning rate to train with."""
        ratio = self.batch_size / self.base_batch_size
        return self.base * (ratio if self.rule == "linear" else math.sqrt(ratio))

    def __str__(self) -> str:
        return (
            f"learning rate {self.base:g} at {self.base_batch_size} samples a step becomes "
            f"{self.value:g} at {self.batch_size} ({self.rule} rule)"
        )


def scaled_rate(config: RunConfig, world: World) -> ScaledRate | None:
    """Return what a config's `auto_scale_lr` makes of its learning rate; None where it is off.

    Raises:
        ValueError: The optimizer has no learning rate to scale.
    """
    scaling, optim = config.scaling, config.optim
    if scaling is None or not scaling.enable:
        return None
    if "lr" not in optim.optimizer:
        raise ValueError(
            "auto_scale_lr scales optim_wrapper.optimizer.lr, which is not set; set it, or leave "
            "--auto-scale-lr out"
        )
    batch = config.section("train_dataloader").batch_size * world.size * optim.accumulative_counts
    return ScaledRate(optim.optimizer["lr"], scaling.base_batch_size, batch, scaling.rule)


def with_rate(optim: OptimSettings, rate: ScaledRate | None) -> OptimSettings:
    """Return the optimizer's settings with a scaled learning rate."""
    if rate is None:
        return optim
    optimizer: dict[str, Any] = {**optim.optimizer, "lr": rate.value}
    return replace(optim, optimizer=optimizer)
