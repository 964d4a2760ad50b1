"""The sections of a config that the engine reads, as typed settings.

Each section is one frozen dataclass; a key that is not a field is an error that names the nearest
field, so a misspelt setting never runs silently with its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any, Literal, TypeVar, get_args

from poseforge.registry import UnknownNameError, nearest

Strategy = Literal["ddp", "fsdp"]
CompileMode = Literal["default", "reduce-overhead", "max-autotune"]
T = TypeVar("T")


@dataclass(frozen=True)
class LoaderSettings:
    """`train_dataloader`, `val_dataloader`, `test_dataloader`.

    Args:
        dataset: The data set's config.
        transforms: Configs of the transforms, in order.
        batch_size: Samples a step and process.
        num_workers: Processes that prepare samples; 0 prepares them in the training process.
        augment: Where the transforms make pixels from the crop on: "cpu" or "device".
    """

    dataset: dict[str, Any]
    transforms: list[dict[str, Any]]
    batch_size: int = 32
    num_workers: int = 0
    augment: Literal["cpu", "device"] = "cpu"

    def __post_init__(self) -> None:
        if self.augment not in ("cpu", "device"):
            raise ValueError(f"a loader's augment='{self.augment}'; use 'cpu' or 'device'")


@dataclass(frozen=True)
class TrainSettings:
    """`train_cfg`: how long to train, and what happens on the way.

    Args:
        max_epochs: Length in epochs; or
        max_iters: length in iterations. Exactly one of the two is set.
        val_interval: Epochs between validations, or iterations with `max_iters`.
        log_interval: Iterations between log records on the screen and in TensorBoard.
        save_interval: Iterations between saves of `last.pth` besides those after validations.
        save_minutes: Minutes between these saves in place of iterations, to the next log record.
        early_stop: Stop after so many validations without a better score; None never stops.
        phase_starts: Epochs (or iterations with `max_iters`) done when a model's second training,
            its third and so on begin; a model with one needs none.
        channels_last: Keep images and features in the channels-last layout.
        strategy: How several processes train one model: "ddp" or "fsdp".
        sync_batch_norm: Normalise over the batches of all processes; needs GPUs.
        compile: Mode of `torch.compile` for training steps, "default", "max-autotune" or
            "reduce-overhead", which records CUDA graphs; None runs layer by layer.
    """

    max_epochs: int | None = None
    max_iters: int | None = None
    val_interval: int = 1
    log_interval: int = 10
    save_interval: int = 500
    save_minutes: float | None = None
    early_stop: int | None = None
    phase_starts: tuple[int, ...] = ()
    channels_last: bool = False
    strategy: Strategy = "ddp"
    sync_batch_norm: bool = False
    compile: CompileMode | None = None

    def __post_init__(self) -> None:
        if self.strategy not in ("ddp", "fsdp"):
            raise ValueError(f"train_cfg.strategy='{self.strategy}'; use 'ddp' or 'fsdp'")
        if (self.max_epochs is None) == (self.max_iters is None):
            raise ValueError(
                "train_cfg needs either max_epochs or max_iters; "
                f"it has max_epochs={self.max_epochs} and max_iters={self.max_iters}"
            )
        for name in ("val_interval", "log_interval", "save_interval"):
            if getattr(self, name) < 1:
                raise ValueError(f"train_cfg.{name} is {getattr(self, name)}; use 1 or more")
        if self.save_minutes is not None and not self.save_minutes > 0:
            raise ValueError(f"train_cfg.save_minutes is {self.save_minutes}; use more than 0")
        modes = get_args(CompileMode)
        if self.compile not in (None, *modes):
            raise ValueError(
                f"train_cfg.compile={self.compile!r}; choose one of {', '.join(modes)}, or None"
            )
        bounds = (0, *self.phase_starts, self.max_epochs or self.max_iters or 0)
        if any(later <= earlier for earlier, later in pairwise(bounds)):
            raise ValueError(
                f"train_cfg.phase_starts={tuple(self.phase_starts)} do not rise from above 0 to "
                f"below the run's length, {bounds[-1]}"
            )


@dataclass(frozen=True)
class OptimSettings:
    """`optim_wrapper`: the optimizer and what surrounds its step.

    Args:
        optimizer: A class of `torch.optim` as `type`, with its arguments.
        paramwise: Rules `dict(match=regex, max_dims=, lr_mult=, decay_mult=)`; the first that
            applies to a parameter sets its group.
        clip_norm: Largest gradient norm; None does not clip.
        accumulative_counts: Iterations whose gradients are averaged for one step.
        amp: Mixed precision, "bf16" or "fp16"; None computes in float32.
    """

    optimizer: dict[str, Any]
    paramwise: list[dict[str, Any]] = field(default_factory=list)
    clip_norm: float | None = None
    accumulative_counts: int = 1
    amp: Literal["bf16", "fp16"] | None = None

    def __post_init__(self) -> None:
        if self.amp not in (None, "bf16", "fp16"):
            raise ValueError(f"optim_wrapper.amp='{self.amp}'; use 'bf16', 'fp16' or None")
        if self.accumulative_counts < 1:
            raise ValueError(
                f"optim_wrapper.accumulative_counts is {self.accumulative_counts}; use 1 or more"
            )


@dataclass(frozen=True)
class ScheduleSettings:
    """`param_scheduler`: the learning rate's factor over the iterations.

    Args:
        type: "constant", "cosine" or "step".
        warmup_iters: Iterations of linear growth from 0.
        min_factor: Where the cosine ends.
        milestones: "step": fractions of the run, each below 1, at which the factor shrinks; or
        every_iters: "step": iterations between shrinkings.
        gamma: "step": the shrinking factor.
    """

    type: Literal["constant", "cosine", "step"] = "constant"
    warmup_iters: int = 0
    min_factor: float = 0.0
    milestones: tuple[float, ...] = ()
    every_iters: int | None = None
    gamma: float = 0.1

    def __post_init__(self) -> None:
        choices = ("constant", "cosine", "step")
        if self.type not in choices:
            raise UnknownNameError(
                f"param_scheduler.type='{self.type}'{nearest(str(self.type), choices)}; "
                f"choose one of {', '.join(choices)}"
            )
        if self.type == "step" and bool(self.milestones) == bool(self.every_iters):
            raise ValueError(
                "param_scheduler of type 'step' needs either milestones (fractions of the run) "
                "or every_iters"
            )
        if any(not 0 < fraction < 1 for fraction in self.milestones):
            raise ValueError(
                f"param_scheduler.milestones are {self.milestones}; they are fractions of the run "
                "between 0 and 1"
            )


@dataclass(frozen=True)
class EmaSettings:
    """`ema`: an exponential moving average of the weights, used to validate and to test.

    Args:
        momentum: The weight of the newest parameters in each update.
    """

    momentum: float = 2e-4

    def __post_init__(self) -> None:
        if not 0 < self.momentum <= 1:
            raise ValueError(f"ema.momentum is {self.momentum}; it lies above 0 and up to 1")


@dataclass(frozen=True)
class ScalingSettings:
    """`auto_scale_lr`: fit the learning rate to the number of samples a step.

    Args:
        base_batch_size: Samples a step that the config's learning rate was chosen for, over all
            processes and accumulated iterations.
        enable: Whether it is done; `--auto-scale-lr` sets it.
        rule: The rate grows with the batch, "linear", or with its square root, "sqrt".
    """

    base_batch_size: int
    enable: bool = False
    rule: Literal["linear", "sqrt"] = "linear"

    def __post_init__(self) -> None:
        if self.base_batch_size < 1:
            raise ValueError(
                f"auto_scale_lr.base_batch_size is {self.base_batch_size}; use 1 or more"
            )
        if self.rule not in ("linear", "sqrt"):
            raise ValueError(f"auto_scale_lr.rule='{self.rule}'; use 'linear' or 'sqrt'")


def read_section(kind: type[T], section: str, values: Mapping[str, Any]) -> T:
    """Return the settings of a config's section.

    Raises:
        UnknownNameError: A key is not a setting; the message names the nearest one.
        ValueError: A required setting is missing, or one has a value that it cannot have.
    """
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    for key in values:
        if key not in known:
            raise UnknownNameError(
                f"the config's {section} has no setting '{key}'{nearest(key, known)} "
                f"(it has {', '.join(known)})"
            )
    try:
        return kind(**values)
    except TypeError as error:
        reason = str(error).removeprefix(f"{kind.__name__}.__init__() ")
        raise ValueError(f"the config's {section} is incomplete: {reason}") from error
