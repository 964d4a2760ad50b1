import pytest
import torch
from torch import nn

from poseforge.models.backbones import AlexNet
from poseforge.models.heads import RegressionHead
from poseforge.models.losses import CoordinateMSE


def test_sizes_at_220_are_the_papers():
    with torch.device("meta"):
        network = AlexNet()
        image = torch.empty(1, 3, 220, 220)
    shapes = {}
    for number, layer in enumerate(network.layers):
        image = layer(image)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            shapes[f"{type(layer).__name__} {number}"] = tuple(image.shape[1:])
    assert list(shapes.values()) == [
        (96, 55, 55),
        (96, 27, 27),
        (256, 27, 27),
        (256, 13, 13),
        (384, 13, 13),
        (384, 13, 13),
        (256, 13, 13),
        (256, 6, 6),
    ]


def test_parameters_of_the_printed_layout_are_58_million_and_not_40():
    with torch.device("meta"):
        backbone = AlexNet()
        head = RegressionHead(256 * 6 * 6, 14, CoordinateMSE(), hidden=(4096, 4096), dropout=0.6)
    convolutions = (
        (11 * 11 * 3 + 1) * 96
        + (5 * 5 * 96 + 1) * 256
        + (3 * 3 * 256 + 1) * 384
        + (3 * 3 * 384 + 1) * 384
        + (3 * 3 * 384 + 1) * 256
    )
    connected = (6 * 6 * 256 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 28
    assert sum(p.numel() for p in backbone.parameters()) == convolutions == 3_747_200
    assert sum(p.numel() for p in head.parameters()) == connected == 54_648_860
    assert convolutions + connected == 58_396_060
    assert [layer.p for layer in head.layers if isinstance(layer, nn.Dropout)] == [0.6, 0.6]


def test_response_normalisation_is_krizhevskys_formula():
    normalize = next(m for m in AlexNet().layers if isinstance(m, nn.LocalResponseNorm))
    activity = torch.rand(1, 9, 2, 2, generator=torch.Generator().manual_seed(0)) * 100
    expected = torch.empty_like(activity)
    for i in range(9):
        squares = activity[:, max(0, i - 2) : i + 3].square().sum(dim=1)
        expected[:, i] = activity[:, i] / (2 + 1e-4 * squares) ** 0.75
    torch.testing.assert_close(normalize(activity), expected)


def test_channels_are_five():
    with pytest.raises(ValueError, match="give five, one for each convolution"):
        AlexNet(channels=(96, 256))
