import pytest
import torch
from torch import nn

from benchmarks.model_flops import training_flops
from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator
from poseforge.testing import example_batch


def test_a_forward_pass_takes_as_many_as_known():
    forward, _ = training_flops(load_config("configs/cpm_lsp.py"))
    assert forward == pytest.approx(2 * 175.4e9, rel=1e-3)  # docs/models/cpm.md


def test_transposed_convolutions_count_by_their_input():
    """torchvision says 4.089 billion of ResNet-50 at 224 x 224, 2.05 million of its classifier."""
    forward, _ = training_flops(load_config("configs/simplebaseline_r50_coco.py"))
    backbone = (4.089e9 - 2.05e6) * 256 * 192 / 224**2
    doublings = 16 * 256 * (8 * 6 * 2048 + 16 * 12 * 256 + 32 * 24 * 256)
    maps = 64 * 48 * 256 * 17
    assert forward == pytest.approx(2 * (backbone + doublings + maps), rel=1e-3)


def test_backward_passes_count_each_layer_by_what_it_needs_gradients_of():
    config = load_config("configs/hmappose_synthetic.py", ["codec.input_size=(64,64)"])
    model = build_estimator(config.model)
    forward = both = 0

    def count(layer: nn.Conv2d, given: tuple[torch.Tensor], made: torch.Tensor) -> None:
        nonlocal forward, both
        once = 2 * made[0, 0].numel() * layer.weight.numel()
        forward += once
        both += once * (3 if given[0].requires_grad else 2)  # images need no gradient

    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    model(example_batch((64, 64), 14, batch_size=1), "loss")
    assert training_flops(config) == (forward, both)
