import math

import pytest
import torch

from poseforge.codecs import Coordinates
from poseforge.structures import SKELETONS
from poseforge.testing import check_codec


@pytest.mark.parametrize("input_size", [(128, 128), (192, 256)])
def test_contract(input_size):
    check_codec(Coordinates(input_size), SKELETONS["lsp14"], tolerance_px=1e-3)


def test_targets_are_fractions_of_the_size():
    targets = Coordinates((200, 100)).encode(torch.tensor([[[50.0, 75.0]]]), torch.ones(1, 1))
    assert targets["coordinates"].tolist() == [[[0.25, 0.75]]]


def test_not_labelled_is_zero_and_labelled_must_be_finite():
    points = torch.tensor([[[math.nan, 3.0], [5.0, 6.0]]])
    targets = Coordinates((10, 10)).encode(points, torch.tensor([[0.0, 1.0]]))
    assert targets["coordinates"].tolist() == [[[0, 0], [0.5, pytest.approx(0.6)]]]
    assert targets["weights"].tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="not finite"):
        Coordinates((10, 10)).encode(points, torch.tensor([[2.0, 1.0]]))


def test_unscale_moves_toward_the_middle():
    codec = Coordinates((101, 101))  # the middle is pixel 50
    outputs = codec.encode(torch.tensor([[[70.0, 30.0]]]), torch.ones(1, 1))["coordinates"]
    keypoints, _ = codec.decode(codec.unscale(outputs, 2.0))
    torch.testing.assert_close(keypoints, torch.tensor([[[60.0, 40.0]]]))


@pytest.mark.parametrize("input_size", [(128, 128), (192, 256)])
def test_centered_contract(input_size):
    check_codec(Coordinates(input_size, centered=True), SKELETONS["lsp14"], tolerance_px=1e-3)


def test_centered_is_the_offset_from_the_middle_in_sides():
    codec = Coordinates((201, 101), centered=True)  # the middle is pixel (100, 50)
    points, visible = torch.tensor([[[150.25, 50.0], [7.0, 7.0]]]), torch.tensor([[2.0, 0.0]])
    targets = codec.encode(points, visible)
    assert targets["coordinates"].tolist() == [[[0.25, 0], [0, 0]]]
    assert codec.decode(torch.zeros(1, 1, 2))[0].tolist() == [[[100, 50]]]
