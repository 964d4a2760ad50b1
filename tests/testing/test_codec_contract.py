"""The contract must catch what it is for."""

from dataclasses import dataclass

import pytest
import torch

from poseforge.codecs import Coordinates
from poseforge.structures import SKELETONS
from poseforge.testing import check_codec, check_flip, check_round_trip, check_unscale

LSP = SKELETONS["lsp14"]


@dataclass(frozen=True)
class Shifted(Coordinates):
    def decode(self, outputs):
        keypoints, scores = super().decode(outputs)
        return keypoints + 3, scores


@dataclass(frozen=True)
class Forgetful(Coordinates):
    def encode(self, keypoints, visible):
        targets = super().encode(keypoints, visible)
        return {**targets, "weights": torch.ones_like(targets["weights"])}


@dataclass(frozen=True)
class Unpaired(Coordinates):
    def flip(self, outputs, skeleton):
        return super().flip(outputs, skeleton)[..., LSP.flip_indices.tolist(), :]


@dataclass(frozen=True)
class OffByOne(Coordinates):
    def flip(self, outputs, skeleton):
        return super().flip(outputs, skeleton) + torch.tensor([1 / self.input_size[0], 0])


@dataclass(frozen=True)
class Unmoved(Coordinates):
    def unscale(self, outputs, scale):
        return outputs


@pytest.mark.parametrize("broken", [Shifted, Forgetful])
def test_round_trip_catches(broken):
    with pytest.raises(AssertionError):
        check_round_trip(broken((64, 96)), 14, tolerance_px=1.0)


@pytest.mark.parametrize("broken", [Unpaired, OffByOne])
def test_flip_catches(broken):
    with pytest.raises(AssertionError):
        check_flip(broken((64, 96)), LSP)


def test_unscale_catches():
    with pytest.raises(AssertionError):
        check_unscale(Unmoved((64, 96)), 14, tolerance_px=1.0)


@pytest.mark.parametrize("broken", [Shifted, Forgetful, Unpaired, OffByOne, Unmoved])
def test_the_whole_contract_catches(broken):
    with pytest.raises(AssertionError):
        check_codec(broken((64, 96)), LSP, tolerance_px=1.0)
