"""What is profiled: one step of a config's training, or one prediction."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, cast

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
ROLES = {"train": "train_dataloader", "infer": "test_dataloader"}


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
        has_role = config.values.get(ROLES[mode]) is not None
        self.role = ROLES[mode if has_role else "train"]
        self.is_noise = False
        self.batch, self.data = self._make_batch(world)
        self._layout = config.train.channels_last
        training = TrainingStep(
            self.estimator, device, config.optim, world=world, channels_last=self._layout
        )
        prediction = PredictionStep(
            self.estimator, device, amp=config.optim.amp, channels_last=self._layout
        )
        self._training, self._prediction = training, prediction
        self._regions: CompiledRegions | None = None
        if config.train.compile is not None:
            self._regions = CompiledRegions(config.train.compile)
            training.model.trained = self._regions.compile(training.model.parallel)
            prediction.predict = self._regions.compile(self.estimator)

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
        return sum(tensor.nbytes for tensor in self._training.tensors())

    @contextmanager
    def watched(self, recorder: Recorder) -> Iterator[None]:
        """Measure all parts of the steps that run while this is open."""
        with watched_optimizer(self._training.wrapper, self.estimator, recorder):
            if self._regions is None:
                with watched(self.estimator, recorder):
                    yield
            else:  # hooks would break the compiled code apart
                with self._regions.watched(recorder):
                    yield

    @contextmanager
    def uncompiled(self) -> Iterator[None]:
        """Run layer by layer while this is open."""
        model, prediction = self._training.model, self._prediction
        kept = model.trained, prediction.predict, self._regions
        model.trained, prediction.predict, self._regions = model.parallel, self.estimator, None
        try:
            yield
        finally:
            model.trained, prediction.predict, self._regions = kept

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
        if self.mode == "train":
            self._training(batch)
        else:
            self._prediction(batch)

    def finish(self) -> None:
        """Wait until the device has done all work."""
        finish(self.device)

    def _copy(self) -> Batch:
        return to_device(self.batch, self.device, channels_last=self._layout)

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
