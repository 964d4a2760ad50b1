"""A model's parameters and operations, counted, not estimated, and nothing computed."""

from dataclasses import dataclass
from typing import cast

import torch
from torch.utils.flop_counter import FlopCounterMode

from poseforge.engine.adapters import total_loss
from poseforge.engine.config import RunConfig
from poseforge.models.build import build_estimator
from poseforge.models.estimators import Cascade
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch
from poseforge.testing import example_batch


@dataclass(frozen=True)
class ModelSize:
    """What predicting one person takes.

    Attributes:
        parameters: Of the whole model.
        macs: Multiply-adds of convolutions and matrix products.
    """

    parameters: int
    macs: int


def model_size(config: RunConfig) -> ModelSize:
    """Return the size of a config's model with all of its stages."""
    estimator = _on_meta(config).eval()
    return ModelSize(sum(weight.numel() for weight in estimator.parameters()), _macs(estimator))


def training_flops(config: RunConfig) -> tuple[int, int]:
    """Return the operations of one image's forward pass, and of its forward and backward pass.

    They are those of convolutions and matrix products, two a multiply-add. Nothing is computed: the
    model lies on the meta device, which has shapes only.
    """
    estimator = _on_meta(config)
    with FlopCounterMode(display=False) as counter:
        total = total_loss(estimator(_noise(estimator), "loss"))
        forward = counter.get_total_flops()
        total.backward()
    return forward, counter.get_total_flops()


def _macs(estimator: Estimator) -> int:
    if isinstance(estimator, Cascade):  # the first stage looks once, later ones at each joint
        first, *later = (_macs(cast(Estimator, network)) for network in estimator.networks)
        return first + estimator.skeleton.num_keypoints * sum(later)
    estimator.last_stage = estimator.stages
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        estimator(_noise(estimator), "predict")
    return int(counter.get_total_flops() // 2)


def _on_meta(config: RunConfig) -> Estimator:
    """Return the model with shapes only."""
    with torch.device("meta"):
        return build_estimator(config.model)


def _noise(estimator: Estimator) -> Batch:
    size, keypoints = estimator.codec.input_size, estimator.skeleton.num_keypoints
    noise = example_batch(size, keypoints, batch_size=1)
    return {name: value.to("meta") for name, value in noise.items()}
