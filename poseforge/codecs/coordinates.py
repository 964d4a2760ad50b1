"""Coordinates: the network says where the points are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from poseforge.codecs.base import Codec, Targets
from poseforge.codecs.labels import labelled_points
from poseforge.codecs.rows import take_rows
from poseforge.registry import CODECS
from poseforge.structures import Skeleton


@CODECS.register_module()
@dataclass(frozen=True)
class Coordinates(Codec):
    """Points as fractions of the input's size: x / width, y / height.

    Outputs are (B, K, 2), with stages (B, S, K, 2). Scores are 1: a regressed coordinate does not
    say how sure it is.

    Args:
        input_size: (width, height) of the network's input, pixels.
        centered: 0 is the input's middle, as in DeepPose (https://arxiv.org/abs/1312.4659), and not
            the first pixel.

    Raises:
        ValueError: `input_size` is not two positive whole numbers.
    """

    centered: bool = False

    @property
    def origin(self) -> tuple[float, ...]:
        """The pixel where outputs are 0."""
        return tuple((side - 1) / 2 if self.centered else 0.0 for side in self.input_size)

    def encode(self, keypoints: Tensor, visible: Tensor) -> Targets:
        points, weights = labelled_points(keypoints, visible)
        axes = [
            (points[..., i] - zero) / side * weights
            for i, (side, zero) in enumerate(zip(self.input_size, self.origin, strict=True))
        ]
        return {"coordinates": torch.stack(axes, dim=-1), "weights": weights}

    def decode(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        last = (outputs[:, -1] if outputs.dim() == 4 else outputs).float()
        axes = [
            last[..., i] * side + zero
            for i, (side, zero) in enumerate(zip(self.input_size, self.origin, strict=True))
        ]
        return torch.stack(axes, dim=-1), torch.ones_like(last[..., 0])

    def flip(self, outputs: Tensor, skeleton: Skeleton) -> Tensor:
        width = self.input_size[0]
        last = (width - 1 - 2 * self.origin[0]) / width  # what 0 is mirrored to
        mirrored = torch.stack([last - outputs[..., 0], outputs[..., 1]], dim=-1)
        return take_rows(mirrored, skeleton.flip_order, dim=-2)

    def unscale(self, outputs: Tensor, scale: float) -> Tensor:
        axes = []
        for i, (side, zero) in enumerate(zip(self.input_size, self.origin, strict=True)):
            middle = ((side - 1) / 2 - zero) / side
            axes.append((outputs[..., i] - middle) / scale + middle)
        return torch.stack(axes, dim=-1)
