"""A model at one batch size, precision and image size, whose calls are timed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import torch

from poseforge.engine.config import RunConfig
from poseforge.engine.settings import CompileMode
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import load_weights
from poseforge.models.device import to_device
from poseforge.profiling.steps import PredictionStep, TrainingStep, finish, noise
from poseforge.profiling.throughput.turns import TimedCall, Turn
from poseforge.structures import Batch

Precision: TypeAlias = Literal["fp32", "bf16", "fp16"]
Mode: TypeAlias = Literal["infer", "train"]
Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Setting:
    """What all cells of a run have in common.

    Args:
        device: Where models are.
        mode: Whether they predict or train.
        checkpoint: Weights; None draws them anew.
        channels_last: Lay features out channels-last, where the config does not say so already.
        compile: Compile models.
    """

    device: torch.device
    mode: Mode = "infer"
    checkpoint: Path | None = None
    channels_last: bool = False
    compile: bool = False


@dataclass(frozen=True)
class Cell:
    """What one number is about.

    Args:
        config: The config's name.
        batch_size: Images a batch.
        precision: What is computed in.
        size: (width, height) of inputs, pixels.
    """

    config: str
    batch_size: int
    precision: Precision
    size: Size

    def __str__(self) -> str:
        width, height = self.size
        images = "1 image" if self.batch_size == 1 else f"{self.batch_size} images"
        return f"{self.config}, {images} of {width} x {height}, {self.precision}"


@dataclass(frozen=True)
class Trouble:
    """Why a cell has no numbers: in two words, and in a sentence."""

    short: str
    sentence: str


class Network:
    """A config's model at one image size and in one precision, for batches of any size.

    Args:
        config: Whose model.
        size: (width, height) of inputs, pixels.
        precision: What is computed in.
        setting: Where, and what for.
        state: The checkpoint, where there is one.
    """

    def __init__(
        self,
        config: RunConfig,
        size: Size,
        precision: Precision,
        setting: Setting,
        state: Mapping[str, Any] | None,
    ) -> None:
        self.config, self.size, self.precision = config, size, precision
        self.setting, self.state = setting, state
        settings = config.train if config.values.get("train_cfg") else None
        self.channels_last = setting.channels_last or bool(settings and settings.channels_last)

    @cached_property
    def step(self) -> TrainingStep | PredictionStep:
        """What is timed; it is built when it is first asked for."""
        torch.manual_seed(self.config.values["seed"])
        model, setting = self.config.model, self.setting
        estimator = build_estimator({**model, "codec": {**model["codec"], "input_size": self.size}})
        if self.state is not None:
            load_weights(estimator, self.state["state_dict"], str(setting.checkpoint))
        estimator = estimator.to(setting.device)
        amp = None if self.precision == "fp32" else self.precision
        compile: CompileMode | None = "default" if setting.compile else None
        if setting.mode == "infer":
            return PredictionStep(
                estimator,
                setting.device,
                amp=amp,
                channels_last=self.channels_last,
                compile=compile,
            )
        return TrainingStep(
            estimator,
            setting.device,
            replace(self.config.optim, amp=amp),
            channels_last=self.channels_last,
            compile=compile or self.config.train.compile,
        )


class TimedCell(TimedCall):
    """A network's work on batches of one size.

    Args:
        network: What works.
        batch_size: Images a batch.

    Attributes:
        cell: What it is called.
        trouble: Why it has no numbers, or None.
        peak_bytes: Most memory of the device that the network, its batch and its work took at once;
            None on the CPU, where torch does not count it.
    """

    def __init__(self, network: Network, batch_size: int) -> None:
        super().__init__(self._work)
        self.cell = Cell(network.config.name, batch_size, network.precision, network.size)
        self.trouble: Trouble | None = None
        self.peak_bytes: int | None = None
        self._network = network
        self._device = network.setting.device
        self._batch: Batch | None = None

    @property
    def phases(self) -> int:
        """How many trainings the model has."""
        return self._network.step.estimator.phases

    def warm_up(self, budget: float, least: int = 1) -> float:
        """Make model and batch, and warm up; seconds are 0 where that fails, as `trouble` tells."""
        took = 0.0
        with self._noting_trouble():
            step, layout = self._network.step, self._network.channels_last
            batch = noise(step.estimator, self.cell.batch_size)
            self._batch = to_device(batch, self._device, channels_last=layout)
            with self._watching_memory():
                took = super().warm_up(budget, least)
        return took

    def take_turn(self, turn: Turn, budget: float) -> None:
        if self.trouble is None:
            with self._noting_trouble(), self._watching_memory():
                super().take_turn(turn, budget)

    def _work(self) -> None:
        self._network.step(cast(Batch, self._batch))
        finish(self._device)

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, ValueError) as error:
            self.trouble = self._explain(error)
            self._batch = None
        if self.trouble is not None and self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _explain(self, error: Exception) -> Trouble:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in said:
            return Trouble("out of memory", "does not fit in memory; smaller batches may")
        own = own_size(self._network.config)
        if self.cell.size != own:
            said = f"the config's model is for {own[0]} x {own[1]} and fails at this size: {said}"
        elif self.cell.precision != "fp32":
            said = f"the {self._device.type} fails in this precision, fp32 may do: {said}"
        return Trouble("fails", said)

    @contextmanager
    def _watching_memory(self) -> Iterator[None]:
        if self._device.type != "cuda":
            yield
            return
        held = (*self._network.step.tensors(), *cast(dict[str, torch.Tensor], self._batch).values())
        others = torch.cuda.memory_allocated(self._device) - sum(t.nbytes for t in held)
        torch.cuda.reset_peak_memory_stats(self._device)
        yield
        peak = torch.cuda.max_memory_allocated(self._device) - others
        self.peak_bytes = max(peak, self.peak_bytes or 0)


def own_size(config: RunConfig) -> Size:
    """Return (width, height) of a config's inputs, pixels.

    Raises:
        ValueError: The config does not say.
    """
    codec = config.model["codec"]
    if "input_size" not in codec:
        raise ValueError(f"the config {config.name} has no codec.input_size; add it")
    width, height = codec["input_size"]
    return width, height
