from dataclasses import replace

import pytest
import torch

from benchmarks.tiny import tiny_overrides
from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator
from poseforge.models.device import to_device
from poseforge.profiling.steps import PredictionStep, TrainingStep, noise
from tests.profiling.toys import make_config

CPU = torch.device("cpu")


def test_a_training_step_updates_with_a_rate_of_0():
    config = make_config()
    estimator = build_estimator(config.model)
    before = {name: value.clone() for name, value in estimator.state_dict().items()}
    step = TrainingStep(estimator, CPU, config.optim)
    for _ in range(3):
        step(noise(estimator, 2))
    assert estimator.training
    assert all(torch.equal(value, before[name]) for name, value in estimator.state_dict().items())
    states = step.wrapper.optimizer.state.values()
    assert [int(state["step"]) for state in states] == [3] * len(before)
    assert all(state["exp_avg_sq"].sum() > 0 for state in states), "gradients have come"


def test_what_is_held_is_weights_and_both_averages_of_adamw():
    config = make_config()
    estimator = build_estimator(config.model)
    weights = sum(p.numel() for p in estimator.parameters())
    buffers = sum(b.numel() for b in estimator.buffers())
    step = TrainingStep(estimator, CPU, config.optim)
    step(noise(estimator, 1))
    counts = len(list(estimator.parameters()))  # of steps, one a parameter
    assert sum(t.numel() for t in step.tensors()) == 3 * weights + buffers + counts
    prediction = PredictionStep(estimator, CPU)
    assert sum(t.numel() for t in prediction.tensors()) == weights + buffers


@pytest.mark.parametrize("amp", [None, "bf16"])
def test_a_prediction_is_made_as_tests_make_it(amp):
    estimator = build_estimator(make_config().model).train()
    seen = []
    estimator.backbone.register_forward_hook(
        lambda module, inputs, outputs: seen.append(
            (module.training, torch.is_inference_mode_enabled(), outputs[0].dtype)
        )
    )
    PredictionStep(estimator, CPU, amp=amp)(noise(estimator, 2))
    assert seen == [(False, True, torch.bfloat16 if amp else torch.float32)]


def test_layout_and_precision_reach_a_training_step():
    config = make_config()
    estimator = build_estimator(config.model)
    seen = []
    estimator.backbone.register_forward_hook(
        lambda module, inputs, outputs: seen.append(
            (inputs[0].is_contiguous(memory_format=torch.channels_last), outputs[0].dtype)
        )
    )
    step = TrainingStep(estimator, CPU, replace(config.optim, amp="bf16"), channels_last=True)
    step(to_device(noise(estimator, 2), CPU, channels_last=True))
    assert seen == [(True, torch.bfloat16)]
    assert estimator.backbone.conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_a_model_of_scenes_gets_scenes():
    path = "configs/openpose_synthetic.py"
    estimator = build_estimator(load_config(path, tiny_overrides(path)).model)
    batch = noise(estimator, 3)
    assert batch["keypoints"].shape == (3, 1, 14, 2)
    assert batch["visible"].shape == (3, 1, 14)
