import copy

import pytest
import torch
from torch import nn

from poseforge.inference.folding import fold_batch_norms
from poseforge.testing import example_batch

NORMED = {
    "cpm_synthetic": ("model.backbone.batch_norm=True", "model.head.batch_norm=True"),
    "eol_synthetic": ("model.backbone.batch_norm=True", "model.fine_head.batch_norm=True"),
    "hmappose_synthetic": ("model.backbone.batch_norm=True", "model.head.batch_norm=True"),
    "openpose_synthetic": (),
    "deeppose_synthetic": (
        "model.first.backbone={'type': 'TorchvisionBackbone', 'name': 'resnet18', "
        "'nodes': ('avgpool',)}",
        "model.first.head.in_features=512",
    ),
}


def norms_in(module: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())


@pytest.mark.parametrize("name", NORMED)
def test_every_norm_of_a_model_is_folded_and_outputs_stay(make_model, name):
    estimator = make_model(name, *NORMED[name])[1]
    batch = example_batch(estimator.codec.input_size, estimator.skeleton.num_keypoints)
    estimator = copy.deepcopy(estimator).eval().double()  # so that no rounding hides a mistake
    folded = copy.deepcopy(estimator).eval()
    before = norms_in(folded.networks[0] if name == "deeppose_synthetic" else folded)
    with torch.no_grad():
        expected = estimator(batch, "tensor")
        assert fold_batch_norms(folded, batch) == before > 1
        found = folded(batch, "tensor")
    left = norms_in(folded)
    assert left == (2 * before if name == "deeppose_synthetic" else 0)  # stages not yet trained
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-9)


class Toy(nn.Module):
    """Stands for an estimator whose network is given."""

    def __init__(self, **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, batch, mode):
        raise NotImplementedError


class Chain(Toy):
    def forward(self, batch, mode):
        return self.norm(self.conv(batch))


class Skip(Toy):
    """The convolution's own output is needed beside the normalised one."""

    def forward(self, batch, mode):
        features = self.conv(batch)
        return self.norm(features) + features


class TwoNorms(Toy):
    def forward(self, batch, mode):
        features = self.conv(batch)
        return self.norm(features) + self.other(features)


class Between(Toy):
    def forward(self, batch, mode):
        return self.norm(self.conv(batch).relu())


class Shared(Toy):
    """One norm for two convolutions, as in stages that share it."""

    def forward(self, batch, mode):
        return self.norm(self.conv(batch)) + self.norm(self.conv2(batch))


class Elsewhere(Toy):
    """The norm also sees what no convolution has made."""

    def forward(self, batch, mode):
        return self.norm(self.conv(batch)) + self.norm(batch)


class Twice(Toy):
    """The same pair in two stages."""

    def forward(self, batch, mode):
        return self.norm(self.conv(self.norm(self.conv(batch))))


@pytest.mark.parametrize(
    ("kind", "folded"),
    [(Chain, 1), (Skip, 0), (TwoNorms, 0), (Between, 0), (Shared, 1), (Elsewhere, 0), (Twice, 1)],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Conv2d(6, 6, 3, padding=1, groups=3),
        lambda: nn.Conv2d(6, 6, 1, bias=False),
        lambda: nn.ConvTranspose2d(6, 6, 3, padding=1, bias=False),
    ],
)
def test_only_what_a_norm_alone_uses_is_folded(kind, folded, make, disturb):
    torch.manual_seed(0)
    norm = nn.BatchNorm2d
    toy = kind(conv=make(), conv2=make(), norm=norm(6), other=norm(6)).eval()
    disturb(toy)
    batch = torch.rand(2, 6, 5, 5)
    with torch.no_grad():
        expected = toy(batch, "predict")
        assert fold_batch_norms(toy, batch) == folded
        torch.testing.assert_close(toy(batch, "predict"), expected, atol=1e-5, rtol=1e-5)


def test_grouped_transposed_convolutions_and_norms_without_statistics_are_left():
    grouped = Chain(conv=nn.ConvTranspose2d(6, 6, 3, groups=2), norm=nn.BatchNorm2d(6)).eval()
    assert fold_batch_norms(grouped, torch.rand(1, 6, 5, 5)) == 0
    norm = nn.BatchNorm2d(6, track_running_stats=False)
    assert fold_batch_norms(Chain(conv=nn.Conv2d(6, 6, 1), norm=norm), torch.rand(1, 6, 5, 5)) == 0
