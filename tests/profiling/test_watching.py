"""Planted slow parts are found, in both passes, and nothing is left behind."""

import time
from collections import defaultdict

import pytest
import torch
from torch import nn

from poseforge.engine.config import load_config
from poseforge.engine.distributed import World
from poseforge.profiling.measuring import alternate
from poseforge.profiling.spans import Key, Recorder
from poseforge.profiling.subject import Subject

NAP_S = 0.3
CPU = torch.device("cpu")
SMALL = [
    "train_dataloader.dataset.num_people=16", "train_dataloader.batch_size=2",
    "train_dataloader.num_workers=0",
]  # fmt: skip


class Sleepy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs):
        return inputs.clone()

    @staticmethod
    def backward(ctx, gradient):
        time.sleep(NAP_S)
        return gradient


class SlowForward(nn.Module):
    def forward(self, inputs):
        time.sleep(NAP_S)
        return inputs


class SlowBackward(nn.Module):
    def forward(self, inputs):
        return Sleepy.apply(inputs)


@pytest.fixture
def subject():
    return Subject(load_config("configs/quickstart.py", SMALL), "train", CPU, World())


def own_s(subject):
    [measured] = alternate([subject], 1)
    total = defaultdict(float)
    for spans in measured.spans:
        for span in spans:
            total[span.key] += span.device_s
    return dict(total)


@pytest.mark.parametrize(
    ("slow", "direction"), [(SlowForward(), "forward"), (SlowBackward(), "backward")]
)
def test_a_planted_slow_layer_is_found(subject, slow, direction):
    subject.estimator.backbone.blocks.add_module("planted", slow)
    found = own_s(subject)
    key = Key("backbone.blocks.planted", direction)
    assert max(found, key=found.get) == key
    assert NAP_S <= found[key] < 2 * NAP_S


def test_slow_codecs_losses_and_optimizers_are_found(subject, monkeypatch):
    class Slow:
        def __init__(self, call):
            self.call = call

        def __call__(self, *args, **kwargs):
            time.sleep(NAP_S)
            return self.call(*args, **kwargs)

    object.__setattr__(subject.estimator.codec, "encode", Slow(subject.estimator.codec.encode))
    subject.estimator.head.criterion.forward = Slow(subject.estimator.head.criterion.forward)
    optimizer = subject._step.wrapper.optimizer
    monkeypatch.setattr(optimizer, "step", Slow(optimizer.step))
    found = own_s(subject)
    for name in ("codec.encode", "head.criterion", "optimizer"):
        assert found[Key(name, "forward")] >= NAP_S
    rest = sum(s for key, s in found.items() if key.direction == "forward") - 3 * NAP_S
    assert rest < NAP_S


def test_gradients_that_are_added_up_belong_to_the_parameters_owner(subject):
    names = {key.name for key in own_s(subject) if key.direction == "backward"}
    learning = {
        name.rpartition(".")[0] for name, p in subject.estimator.named_parameters() if p.numel()
    }
    assert learning <= names


def test_nothing_is_left_behind(subject):
    estimator = subject.estimator
    before = dict(vars(estimator.codec)), set(vars(estimator.head))
    with subject.watched(Recorder(CPU)):
        subject.step()
    assert (dict(vars(estimator.codec)), set(vars(estimator.head))) == before
    for module in estimator.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert {"backward", "step", "zero_grad"}.isdisjoint(vars(subject._step.wrapper))
