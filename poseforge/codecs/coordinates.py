"""Coordinates: the network says where the points are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from poseforge.codecs.base import Codec, Targets
from poseforge.codecs.labels import labelled_points
from poseforge.registry import CODECS
from poseforge.structures import Skeleton


@CODECS.register_module()
@dataclass(frozen=True)
class Coordinates(Codec):
    """Points as fractions of the input's size: x / width, y / height, 0 on the first pixel.

    Outputs are (B, K, 2), with stages (B, S, K, 2). Scores are 1: a regressed coordinate does not
    say how sure it is.

    Args:
        input_size: (width, height) of the network's input, pixels.

    Raises:
        ValueError: `input_size` is not two positive whole numbers.
    """

    def encode(self, keypoints: Tensor, visible: Tensor) -> Targets:
        points, weights = labelled_points(keypoints, visible)
        width, height = self.input_size
        fractions = torch.stack([points[..., 0] / width, points[..., 1] / height], dim=-1)
        return {"coordinates": fractions, "weights": weights}

    def decode(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        last = (outputs[:, -1] if outputs.dim() == 4 else outputs).float()
        width, height = self.input_size
        points = torch.stack([last[..., 0] * width, last[..., 1] * height], dim=-1)
        return points, torch.ones_like(last[..., 0])

    def flip(self, outputs: Tensor, skeleton: Skeleton) -> Tensor:
        width = self.input_size[0]
        mirrored = torch.stack([(width - 1) / width - outputs[..., 0], outputs[..., 1]], dim=-1)
        order = skeleton.flip_indices.tolist()
        return torch.stack([mirrored[..., row, :] for row in order], dim=-2)

    def unscale(self, outputs: Tensor, scale: float) -> Tensor:
        middles = [(side - 1) / (2 * side) for side in self.input_size]
        axes = [(outputs[..., i] - middle) / scale + middle for i, middle in enumerate(middles)]
        return torch.stack(axes, dim=-1)
