"""The training and validation loops that the Runner runs."""

import time
from typing import Any

from torch.utils.data import DataLoader

from poseforge.datasets.loading import EpochSampler
from poseforge.engine.adapters import NonFiniteLossError
from poseforge.engine.data import Source
from poseforge.engine.distributed import decided_by_first
from poseforge.engine.evaluation import headline, predict_dataset, score
from poseforge.engine.mmengine_parts import LOOPS, BaseLoop
from poseforge.engine.prefetch import prefetched
from poseforge.engine.settings import TrainSettings
from poseforge.engine.strategies import as_validated
from poseforge.evaluation.base import Metric
from poseforge.models.device import Amp
from poseforge.structures import Batch, Detections, Predictions


class TrainingInterrupted(Exception):
    """The run was asked to stop; its state is saved."""


@LOOPS.register_module()
class PoseTrainLoop(BaseLoop):
    """Train by epochs or by iterations, from any position.

    The sampler knows every epoch's order beforehand, so a resumed loop takes up the epoch at the
    very batch where the last one stopped, without loading what was done.

    Args:
        runner: The Runner; its config's `train_cfg` says how long and how often.
        dataloader: Batches, from an `EpochSampler`.
    """

    def __init__(self, runner: Any, dataloader: DataLoader[Any]) -> None:
        super().__init__(runner, dataloader)
        self.settings: TrainSettings = runner.config.train
        self.epoch_iters = len(dataloader)
        self._epoch = self._iter = self.batches_done = 0
        self._shift = 0  # iterations done beyond what as many epochs of this run's batches take
        self._save_at = time.monotonic() + 60 * (self.settings.save_minutes or 0.0)
        self.stop_training = False

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self._epoch

    @property
    def iter(self) -> int:
        """Iterations done."""
        return self._iter

    @property
    def max_iters(self) -> int:
        """The run's length in iterations."""
        if self.settings.max_iters is not None:
            return self.settings.max_iters
        return (self.settings.max_epochs or 0) * self.epoch_iters + self._shift

    @property
    def max_epochs(self) -> int:
        """The run's length in epochs, the last one perhaps begun only."""
        return -(-(self.max_iters - self._shift) // self.epoch_iters)

    def phase_at(self, iteration: int) -> tuple[int, int]:
        """Return the phase that an iteration belongs to, and the iteration it begins with."""
        starts = self._phase_bounds[:-1]
        phase = sum(start <= iteration for start in starts) - 1
        return phase, starts[phase]

    def length_of(self, phase: int) -> int:
        """Return a phase's length in iterations."""
        return self._phase_bounds[phase + 1] - self._phase_bounds[phase]

    @property
    def _phase_bounds(self) -> tuple[int, ...]:
        """Where the phases begin and the last one ends, in iterations."""
        unit = 1 if self.settings.max_iters is not None else self.epoch_iters
        starts = (start * unit + self._shift for start in (0, *self.settings.phase_starts))
        return (*starts, self.max_iters)

    @property
    def position(self) -> dict[str, int]:
        """Where the run stands: what a checkpoint holds of this loop."""
        return {
            "epoch": self._epoch,
            "batches_done": self.batches_done,
            "iteration": self._iter,
            "global_batch": self._global_batch,
        }

    @property
    def _global_batch(self) -> int:
        """Samples an iteration, over all processes."""
        sampler = self.dataloader.batch_sampler
        return int(sampler.batch_size * sampler.world_size)

    def move_to(self, position: dict[str, int]) -> None:
        """Go on from a checkpoint's position, also one of another number of samples a batch.

        Then the epoch goes on with the sample where it stopped, or up to a batch before, and
        what is left of the run's epochs takes as many iterations as the new batches need.
        """
        self._epoch = position["epoch"]
        self._iter = position["iteration"]
        samples = position["batches_done"] * position.get("global_batch", self._global_batch)
        self.batches_done = min(samples // self._global_batch, self.epoch_iters)
        if self.settings.max_iters is None:
            self._shift = self._iter - self._epoch * self.epoch_iters - self.batches_done

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to train."""
        return self._iter >= self.max_iters or self.stop_training

    def run(self) -> Any:
        """Train to the end and return the model."""
        self.runner.call_hook("before_train")
        if self.settings.max_iters is not None and self._iter:
            validated = [record["iteration"] for record in self.runner.history]
            self._validate(due=self._is_iter_due and self._iter not in validated)
        while not self.is_done or self.batches_done == self.epoch_iters:
            self.run_epoch()  # a run stopped behind an epoch's last batch has its end yet to do
        self.runner.call_hook("after_train")
        return self.runner.model

    def run_epoch(self) -> None:
        """Run the rest of the current epoch."""
        sampler = self.dataloader.batch_sampler
        if not isinstance(sampler, EpochSampler):
            raise TypeError("the training loop needs a loader of build_loader(train=True)")
        sampler.set_position(self._epoch, self.batches_done)
        self.runner.call_hook("before_train_epoch")
        self.runner.model.train()
        try:
            for batch in prefetched(
                self.dataloader, self.runner.model.device, channels_last=self.settings.channels_last
            ):
                self.run_iter(batch)
                if self.is_done:
                    break
        except RuntimeError as error:
            if isinstance(error, NonFiniteLossError) or not self.runner.model.stop_requested:
                raise
            self.runner.save_last()  # the signal ended the workers too: there is no next batch
            raise TrainingInterrupted from error
        if self.batches_done == self.epoch_iters:
            self.runner.call_hook("after_train_epoch")
            self._epoch, self.batches_done = self._epoch + 1, 0
            if self.settings.max_epochs is not None:
                self._validate(due=self._epoch % self.settings.val_interval == 0 or self.is_done)

    def run_iter(self, batch: Batch) -> None:
        """Train on one batch.

        Raises:
            TrainingInterrupted: The run was asked to stop.
            NonFiniteLossError: The loss is not finite.
        """
        number = self.batches_done
        self.runner.call_hook("before_train_iter", batch_idx=number, data_batch=batch)
        try:
            outputs = self.runner.model.train_step(batch, self.runner.optim_wrapper)
        except NonFiniteLossError as error:
            raise self._explain(batch) from error
        self.runner.call_hook(
            "after_train_iter", batch_idx=number, data_batch=batch, outputs=outputs
        )
        self._iter += 1
        self.batches_done += 1
        if outputs["stop"]:
            self.runner.save_last()
            raise TrainingInterrupted
        if self.settings.max_iters is not None:
            self._validate(due=self._is_iter_due)
        if self._is_save_due():
            self.runner.save_last()

    def _is_save_due(self) -> bool:
        """Return whether it is time to save, in every process the same."""
        settings = self.settings
        if settings.save_minutes is None:
            return self._iter % settings.save_interval == 0
        if self._iter % settings.log_interval:
            return False  # processes agree only now and then, which makes them wait
        is_due = decided_by_first(lambda: time.monotonic() >= self._save_at)
        if is_due:
            self._save_at = time.monotonic() + 60 * settings.save_minutes
        return is_due

    @property
    def _is_iter_due(self) -> bool:
        return self._iter % self.settings.val_interval == 0 or self.is_done

    def _validate(self, *, due: bool) -> None:
        if not due:
            return
        if self.runner.validation is not None:
            self.runner.validation.run(self.runner)
            self.runner.model.train()
        self.runner.save_last()

    def _explain(self, batch: Batch) -> NonFiniteLossError:
        self.runner.save_last()
        ids = self.runner.sample_names[batch["index"].cpu().numpy()]
        return NonFiniteLossError(
            f"the loss is not finite at iteration {self._iter + 1}; the samples are "
            f"{', '.join(ids)}; nothing was updated with it and the state before it is in "
            f"{self.runner.work_dir}/last.pth: try a lower learning rate, "
            "optim_wrapper.clip_norm=1.0, amp bf16 in place of fp16, or look at these samples"
        )


class Validation:
    """Validate, and hand the results to the hooks.

    Args:
        source: Whom to predict.
        metrics: What scores the predictions.
        amp: Precision.

    Attributes:
        dataset: The people.
        predictions: The newest ones, for hooks that draw them.
    """

    def __init__(self, source: Source, metrics: list[Metric], amp: Amp | None) -> None:
        self.loader = source.loader
        self.dataset = source.dataset
        self.metrics = metrics
        self.amp = amp
        self.predictions: Predictions | Detections | None = None

    def run(self, runner: Any) -> None:
        """Score the model, note the result and keep the weights if it is the best."""
        runner.call_hook("before_val_epoch")
        with as_validated(runner.model.estimator):
            self.predictions = predictions = predict_dataset(
                runner.model.estimator,
                self.loader,
                self.dataset.sample_names,
                runner.model.device,
                amp=self.amp,
            )
        reports = score(predictions, self.dataset, self.metrics)
        values = {name: value for report in reports for name, value in report.values.items()}
        runner.note_validation(headline(reports), values)
        runner.call_hook("after_val_epoch", metrics=values)
        runner.save_if_best()
