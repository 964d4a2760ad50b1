"""Floating-point operations of a model's training step, counted, not estimated."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from poseforge.engine.adapters import total_loss
from poseforge.engine.config import RunConfig
from poseforge.models.build import build_estimator
from poseforge.structures import Batch
from poseforge.testing import example_batch


def training_flops(config: RunConfig) -> tuple[int, int]:
    """Return the operations of one image's forward pass, and of its forward and backward pass.

    They are those of convolutions and matrix products, two a multiply-add. Nothing is computed: the
    model lies on the meta device, which has shapes only.
    """
    with torch.device("meta"):
        estimator = build_estimator(config.model)
    noise = example_batch(
        estimator.codec.input_size, estimator.skeleton.num_keypoints, batch_size=1
    )
    batch: Batch = {name: value.to("meta") for name, value in noise.items()}
    with FlopCounterMode(display=False) as counter:
        total = total_loss(estimator(batch, "loss"))
        forward = counter.get_total_flops()
        total.backward()
    return forward, counter.get_total_flops()
