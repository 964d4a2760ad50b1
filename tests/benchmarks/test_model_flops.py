import pytest
import torch
from torch import nn

from benchmarks.model_flops import model_size, training_flops
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


def test_a_models_size_is_known_from_elsewhere():
    """CPM's operations are counted in docs/models/cpm.md, ResNet-18's weights by torchvision."""
    assert model_size(load_config("configs/cpm_lsp.py")).macs == pytest.approx(175.4e9, rel=1e-3)
    resnet18 = 11_689_512 - 1000 * 513  # without its classifier
    deconvolutions = 16 * 256 * (512 + 256 + 256) + 3 * 2 * 256
    maps = 14 * 257
    size = model_size(load_config("configs/simplebaseline_r18_lsp.py"))
    assert size.parameters == resnet18 + deconvolutions + maps


def test_a_cascade_looks_at_each_joint_again():
    config = load_config("configs/deeppose_lsp.py")
    first = build_estimator({**config.model["first"], "type": "TopDown", "skeleton": "lsp14"})
    parameters = sum(weight.numel() for weight in first.parameters())
    macs = 0

    def count(layer: nn.Module, given: tuple[torch.Tensor], made: torch.Tensor) -> None:
        nonlocal macs
        macs += (
            made[0, 0].numel() * layer.weight.numel() if made.ndim == 4 else layer.weight.numel()
        )

    for layer in first.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    with torch.no_grad():
        first.eval()(example_batch((220, 220), 14, batch_size=1), "predict")
    size = model_size(config)
    assert size.parameters == 3 * parameters
    assert size.macs == (1 + 14 + 14) * macs
