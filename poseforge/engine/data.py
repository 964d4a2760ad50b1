"""The data sets and loaders of a config."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch.utils.data import DataLoader

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import SampleStream, build_loader
from poseforge.engine.checks import check_dataset, check_samples, check_workers
from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World
from poseforge.models.estimators.base import Estimator
from poseforge.registry import DATASETS, TRANSFORMS, build
from poseforge.transforms.deferring import defer


@dataclass(frozen=True)
class Source:
    """A data set and how its batches come.

    Attributes:
        dataset: All people.
        loader: This process's share of the batches.
    """

    dataset: PoseDataset
    loader: DataLoader[Any]

    @property
    def stream(self) -> SampleStream:
        """The transformed samples by (epoch, index)."""
        return cast(SampleStream, self.loader.dataset)

    def close(self) -> None:
        """End the loader's workers now: once Python collects them by itself, each takes seconds."""
        iterator = self.loader._iterator
        if iterator is not None:
            iterator._shutdown_workers()  # type: ignore[attr-defined]


def build_source(
    role: str, config: RunConfig, estimator: Estimator, world: World, *, train: bool
) -> Source:
    """Build one of a config's data sets and see that it fits the model.

    Args:
        role: The config's key, such as `train_dataloader`.
        config: The config.
        estimator: The model.
        world: Which process this is.
        train: Whether batches are drawn at random, epoch by epoch.

    Raises:
        SetupError: The data set does not fit the model, or its batches not the memory.
    """
    settings = config.section(role)
    dataset: PoseDataset = build(settings.dataset, DATASETS)
    check_dataset(role, dataset, estimator, train=train)
    source = open_source(dataset, role, config, world, train=train)
    check_samples(role, source.stream, estimator, train=train)
    check_workers(role, source.stream, settings)
    return source


def open_source(
    dataset: PoseDataset, role: str, config: RunConfig, world: World, *, train: bool
) -> Source:
    """Load a data set as one of a config's loaders says, in this process's share."""
    settings = config.section(role)
    transforms = [build(transform, TRANSFORMS) for transform in settings.transforms]
    loader = build_loader(
        dataset,
        defer(transforms) if settings.augment == "device" else transforms,
        batch_size=settings.batch_size,
        num_workers=settings.num_workers,
        seed=config.values["seed"],
        train=train,
        rank=world.rank,
        world_size=world.size,
        pin_memory=torch.cuda.is_available(),
    )
    return Source(dataset, loader)
