"""What models with several trainings need: their plan checked, and the training set as it is."""

from collections.abc import Iterator
from contextlib import closing

import torch

from poseforge.engine.checks import SetupError
from poseforge.engine.config import RunConfig
from poseforge.engine.data import Source, open_source
from poseforge.engine.distributed import World
from poseforge.models.device import to_device
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch


def check_phases(config: RunConfig, estimator: Estimator) -> None:
    """See that the plan says where each of the model's trainings begins.

    Raises:
        SetupError: It says so for more or fewer than the model has, or the trainings cannot see
            the people as validation does.
    """
    starts = config.train.phase_starts
    if len(starts) != estimator.phases - 1:
        raise SetupError(
            f"train_cfg.phase_starts={tuple(starts)} has {len(starts)} numbers, but the model is "
            f"trained in {estimator.phases} phases; give {estimator.phases - 1}: where the second "
            "and each later one begins"
        )
    if estimator.phases > 1 and config.values.get("val_dataloader") is None:
        raise SetupError(
            "a model that is trained in phases looks at its training set as validation crops it; "
            "add a val_dataloader"
        )


def plain_batches(
    config: RunConfig, source: Source, device: torch.device, world: World
) -> Iterator[Batch]:
    """Give this process's share of the training set once, cropped as validation crops it."""
    plain = open_source(source.dataset, "val_dataloader", config, world, train=False)
    with closing(plain):
        for batch in plain.loader:
            yield to_device(batch, device)
