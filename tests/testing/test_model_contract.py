"""The contract must catch what it is for."""

import pytest
import torch
from torch import nn

from poseforge.codecs import Coordinates
from poseforge.models import Head, build_estimator
from poseforge.testing import check_estimator, check_head

CODEC = Coordinates((24, 32))


class Pooled(Head):
    """A head as one would write it outside of the package."""

    def __init__(self, num_keypoints: int) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.fc = nn.Linear(6, 2 * num_keypoints)

    def forward(self, features, batch):
        return self.fc(features[-1].mean(dim=(2, 3))).unflatten(1, (-1, 2))

    def loss(self, outputs, targets):
        error = (outputs - targets["coordinates"]).abs() * targets["weights"][..., None]
        return {"loss": error.mean()}


class Unnamed(Pooled):
    def loss(self, outputs, targets):
        return {"error": super().loss(outputs, targets)["loss"]}


class PerKeypoint(Pooled):
    def loss(self, outputs, targets):
        return {"loss": (outputs - targets["coordinates"]).abs().mean(dim=(0, 2))}


class NotFinite(Pooled):
    def loss(self, outputs, targets):
        return {"loss": outputs.sum() / 0}


class Idle(Pooled):
    def __init__(self, num_keypoints: int) -> None:
        super().__init__(num_keypoints)
        self.idle = nn.Linear(2, 2)


class TooFew(Pooled):
    def forward(self, features, batch):
        return super().forward(features, batch)[:, 1:]


def features():
    torch.manual_seed(0)
    return [torch.rand(3, 6, 4, 3)]


def test_a_sound_head_passes():
    check_head(Pooled(5), CODEC, features(), 5)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Unnamed, "no name begins with 'loss'"),
        (PerKeypoint, "not that of a scalar"),
        (NotFinite, "loss is"),
        (Idle, "idle.weight gets no gradient"),
        (TooFew, "points are"),
    ],
)
def test_check_head_catches(broken, message):
    with pytest.raises(AssertionError, match=message):
        check_head(broken(5), CODEC, features(), 5)


def test_an_estimator_of_a_plugin_head_is_checked():
    keypoints = tuple("abcde")
    options = dict(
        type="TopDown",
        codec=CODEC,
        skeleton=dict(name="five", keypoints=keypoints),
        backbone=dict(type="ConvStack", channels=(6,)),
    )
    check_estimator(build_estimator(options | dict(head=Pooled(5))))
    with pytest.raises(AssertionError, match="gets no gradient"):
        check_estimator(build_estimator(options | dict(head=Idle(5))))
