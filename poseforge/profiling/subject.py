"""What is profiled: one step of a config's training, or one prediction."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import torch

from poseforge.datasets.root import DataNotFoundError
from poseforge.engine.config import RunConfig
from poseforge.engine.data import build_source
from poseforge.engine.distributed import World
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import load_weights, read_checkpoint
from poseforge.models.device import to_device
from poseforge.profiling.compiled import CompiledRegions
from poseforge.profiling.spans import COPY, STEP, Recorder
from poseforge.profiling.steps import PredictionStep, TrainingStep, finish, noise
from poseforge.profiling.watching import watched, watched_optimizer
from poseforge.structures import Batch

Mode = Literal["train", "infer"]


def loader_of(config: RunConfig, mode: Mode) -> str:
    """Return the config's loader whose images are profiled: of tests, where there is one."""
    is_tested = mode == "infer" and config.values.get("test_dataloader") is not None
    return "test_dataloader" if is_tested else "train_dataloader"


class Subject:
    """A config's model, and one batch for it, on a device.

    It learns nothing: the learning rate is 0, so that the same work can be done again and again.

    Args:
        config: What is profiled; its batch size, precision, layout and compilation apply.
        mode: "train" is a whole training step; "infer" a prediction with its decoding.
        device: Where.
        world: Which process this is.
        checkpoint: Weights; None leaves them as drawn.

    Attributes:
        estimator: The model.
        batch: On the host, as it comes from a loader.
        role: The config's loader whose data it is.
        is_noise: Whether that data is not on this machine, so that the batch is made up.
        data: Where the batch is from, in words.

    Raises:
        ValueError: Something in the config is wrong.
    """

    def __init__(
        self,
        config: RunConfig,
        mode: Mode,
        device: torch.device,
        world: World,
        checkpoint: Path | None = None,
    ) -> None:
        self.config, self.mode, self.device = config, mode, device
        torch.manual_seed(config.values["seed"])
        self.estimator = build_estimator(config.model)
        if checkpoint is not None:
            load_weights(self.estimator, read_checkpoint(checkpoint)["state_dict"], checkpoint)
        self.estimator.to(device)
        self.role = loader_of(config, mode)
        self.is_noise = False
        self.batch, self.data = self._make_batch(world)
        self._layout = config.train.channels_last
        self._step = self._make_step(world)
        self._regions: CompiledRegions | None = None
        if config.train.compile is not None:
            self._regions = CompiledRegions(config.train.compile)
            self._call = self._regions.compile(self._call)

    @property
    def batch_size(self) -> int:
        """Images a step."""
        return len(self.batch["index"])

    @property
    def regions(self) -> dict[str, list[str]]:
        """The modules that each compiled region was made of, by the region's name."""
        return {} if self._regions is None else self._regions.modules

    @property
    def standing_bytes(self) -> int:
        """Bytes in use before a step."""
        return sum(tensor.nbytes for tensor in self._step.tensors())

    @contextmanager
    def watched(self, recorder: Recorder) -> Iterator[None]:
        """Measure all parts of the steps that run while this is open."""
        with ExitStack() as stack:
            if isinstance(self._step, TrainingStep):
                wrapper = self._step.wrapper
                stack.enter_context(watched_optimizer(wrapper, self.estimator, recorder))
            if self._regions is None:
                stack.enter_context(watched(self.estimator, recorder))
            else:  # hooks would break the compiled code apart
                stack.enter_context(self._regions.watched(recorder))
            yield

    @contextmanager
    def uncompiled(self) -> Iterator[None]:
        """Run layer by layer while this is open."""
        call, regions = self._call, self._regions
        if regions is not None:
            self._call, self._regions = call._orig_mod, None
        try:
            yield
        finally:
            self._call, self._regions = call, regions

    def step(self, recorder: Recorder | None = None) -> None:
        """Run one step; on a GPU it may still be at work afterwards.

        Args:
            recorder: Measures the step and the copy to the device.
        """
        if recorder is None:
            self.run(self._copy())
            return
        with recorder.span(STEP):
            with recorder.span(COPY):
                batch = self._copy()
            self.run(batch)

    def run(self, batch: Batch) -> None:
        """Run one step on a batch that is on the device."""
        self._step(batch)

    def finish(self) -> None:
        """Wait until the device has done all work."""
        finish(self.device)

    def _copy(self) -> Batch:
        return to_device(self.batch, self.device, channels_last=self._layout)

    @property
    def _call(self) -> Any:
        """What the step calls: the model, made parallel and compiled."""
        step = self._step
        return step.model.trained if isinstance(step, TrainingStep) else step.predict

    @_call.setter
    def _call(self, call: Any) -> None:
        if isinstance(self._step, TrainingStep):
            self._step.model.trained = call
        else:
            self._step.predict = call

    def _make_step(self, world: World) -> TrainingStep | PredictionStep:
        optim, layout = self.config.optim, self._layout
        if self.mode == "train":
            return TrainingStep(
                self.estimator, self.device, optim, world=world, channels_last=layout
            )
        return PredictionStep(self.estimator, self.device, amp=optim.amp, channels_last=layout)

    def _make_batch(self, world: World) -> tuple[Batch, str]:
        """Return the loader's first batch, or noise where there is no such data here."""
        try:
            source = build_source(self.role, self.config, self.estimator, world, train=True)
        except DataNotFoundError as error:
            self.is_noise = True
            size = self.config.section(self.role).batch_size
            return noise(self.estimator, size), f"noise, as the data is not here ({error})"
        with closing(source):
            return cast(Batch, next(iter(source.loader))), source.dataset.name
