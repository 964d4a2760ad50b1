"""A config's training steps, predictions and data loading, to be timed as the engine runs them."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch

from poseforge.engine.config import RunConfig
from poseforge.engine.data import build_source, open_source
from poseforge.engine.distributed import World
from poseforge.engine.prefetch import prefetched
from poseforge.models.build import build_estimator
from poseforge.models.device import to_device
from poseforge.models.estimators.base import Estimator
from poseforge.profiling.steps import PredictionStep, TrainingStep, finish, noise
from poseforge.structures import Batch

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """How long each part runs.

    Args:
        steps: Batches a timing.
        warmup: Batches before it that are not timed.
        repeats: Timings of each part.
    """

    steps: int
    warmup: int
    repeats: int


class TimedTraining:
    """A config's model and optimizer on a device.

    Args:
        config: What is timed.
        device: Where.
        estimator: What is trained in place of the config's model; None is that.

    Attributes:
        train: Runs one iteration on a batch.
        predict: Predicts one batch.
        batch_size: Images of a batch.
    """

    def __init__(
        self, config: RunConfig, device: torch.device, estimator: Estimator | None = None
    ) -> None:
        self.device = device
        torch.manual_seed(config.values["seed"])
        self.estimator = (estimator or build_estimator(config.model)).to(device)
        self.layout = config.train.channels_last
        self.train = TrainingStep(
            self.estimator,
            device,
            config.optim,
            channels_last=self.layout,
            compile=config.train.compile,
        )
        self.predict = PredictionStep(self.estimator, device, amp=config.optim.amp)
        self.batch_size = config.section("train_dataloader").batch_size
        self.batch = to_device(
            noise(self.estimator, self.batch_size), device, channels_last=self.layout
        )

    def alone(self, plan: Plan, work: Callable[[Batch], None]) -> float:
        """Return the seconds of work on the batch of noise."""
        return seconds(plan, itertools.repeat(self.batch), work, self.device)

    def fed(self, plan: Plan, feed: "Feed") -> float:
        """Return the seconds of iterations whose batches a loader brings, as a run's do."""
        with feed.batches() as batches:
            arriving = prefetched(batches, self.device, channels_last=self.layout)
            return seconds(plan, arriving, self.train, self.device)


class Feed:
    """A config's batches to train on.

    Args:
        config: Whose `train_dataloader`.
        model: What they are for; they are checked against it.

    Raises:
        DataNotFoundError: The data set is not on this machine.
    """

    def __init__(self, config: RunConfig, model: Estimator) -> None:
        self.config = config
        source = build_source("train_dataloader", config, model, World(), train=True)
        self.dataset = source.dataset

    @contextmanager
    def batches(self) -> Iterator[Iterator[Batch]]:
        """Give batches of new workers, which end with the context, so that none works later.

        Those that the workers make ahead, before anybody waits for them, are left out.
        """
        source = open_source(self.dataset, "train_dataloader", self.config, World(), train=True)
        with closing(source):
            yield past_the_first(source.loader, self.config.section("train_dataloader").num_workers)

    def seconds(self, plan: Plan) -> float:
        """Return the seconds until all batches are there, while nothing is done to them."""
        with self.batches() as batches:
            return seconds(plan, batches, lambda batch: None, torch.device("cpu"))


def past_the_first(loader: torch.utils.data.DataLoader, workers: int) -> Iterator[Batch]:
    """Give a loader's batches without end, and without those that it prefetches."""
    endless = itertools.chain.from_iterable(itertools.repeat(loader))
    return itertools.islice(endless, 2 * workers, None)


def seconds(
    plan: Plan, batches: Iterator[T], work: Callable[[T], object], device: torch.device
) -> float:
    """Return how long a plan's steps take, warm-up left out, until the device has finished."""
    for _ in range(plan.warmup):
        work(next(batches))
    finish(device)
    start = time.perf_counter()
    for _ in range(plan.steps):
        work(next(batches))
    finish(device)
    return time.perf_counter() - start
