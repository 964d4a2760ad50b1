"""Heatmaps: one Gaussian per keypoint."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

from poseforge.codecs.base import Codec, Targets
from poseforge.codecs.gaussian import axis_gaussian, cell_centers
from poseforge.codecs.labels import labelled_points
from poseforge.codecs.refine import REFINEMENTS
from poseforge.codecs.rows import take_rows
from poseforge.codecs.unscaling import unscaled
from poseforge.registry import CODECS
from poseforge.structures import Skeleton

Extra: TypeAlias = Literal["background", "sum"]


@CODECS.register_module()
@dataclass(frozen=True)
class Heatmap(Codec):
    """Gaussians with peak 1 around the true, unrounded points.

    A labelled point outside the input keeps weight 1 and the part of its Gaussian that reaches
    in: the network learns that it is not there. (The CPM release trains such points on all-zero
    maps, unmasked; the difference is the rim that reaches in.) A point that is not labelled has a
    zero map of weight 0.

    Outputs are (B, C, H, W), with stages (B, S, C, H, W); C is K, one more with `extra`.

    Args:
        input_size: (width, height) of the network's input, pixels.
        stride: Input pixels per cell.
        sigma_px: Standard deviation of the Gaussians, input pixels.
        truncate: Where the Gaussian's exponent exceeds this the map is 0; CPM's 4.6052 cuts below
            1 %. None cuts nothing.
        extra: A last channel of weight 1: "background" is 1 - the maximum over the maps (CPM),
            "sum" their sum. None adds none.
        refine: How the highest cell becomes a point, see refine.py.
        half_stride: Cell i is centred on input coordinate stride*i + (stride - 1)/2, as the pixel
            convention has it; False puts it on stride*i, for models that were trained so; mirrored
            maps are then interpolated, as their cells fall between the cells.

    Raises:
        ValueError: A value is not allowed, or the cells do not divide the input.
    """

    stride: int
    sigma_px: float
    truncate: float | None = None
    extra: Extra | None = None
    refine: str = "dark"
    half_stride: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sigma_px > 0:
            raise ValueError(f"sigma_px={self.sigma_px}; it must be a positive number of pixels")
        if self.stride < 1 or any(side % self.stride for side in self.input_size):
            raise ValueError(
                f"stride={self.stride} does not divide input_size={self.input_size}; "
                "choose sides that are multiples of the stride"
            )
        if self.truncate is not None and not self.truncate > 0:
            raise ValueError(f"truncate={self.truncate}; it must be a positive exponent or None")
        if self.extra is not None and self.extra not in get_args(Extra):
            known = ", ".join(get_args(Extra))
            raise ValueError(f"extra={self.extra!r}; choose one of {known}, or None")
        if self.refine not in REFINEMENTS:
            raise ValueError(f"refine={self.refine!r}; choose one of {', '.join(REFINEMENTS)}")

    @property
    def extra_channels(self) -> int:
        return 0 if self.extra is None else 1

    @property
    def heatmap_size(self) -> tuple[int, int]:
        """(width, height) of the maps, cells."""
        return self.input_size[0] // self.stride, self.input_size[1] // self.stride

    @property
    def offset_px(self) -> float:
        """The input coordinate of cell 0's centre."""
        return (self.stride - 1) / 2 if self.half_stride else 0.0

    def encode(self, keypoints: Tensor, visible: Tensor) -> Targets:
        points, weights = labelled_points(keypoints, visible)
        x, y = (
            axis_gaussian(
                points[..., axis],
                cell_centers(length, self.stride, self.offset_px, points.device),
                self.sigma_px,
            )
            for axis, length in enumerate(self.heatmap_size)
        )  # (B, K, W), (B, K, H)
        maps = (y * weights[..., None])[..., :, None] * x[..., None, :]  # (B, K, H, W)
        if self.truncate is not None:
            maps = maps * (maps >= math.exp(-self.truncate))
        if self.extra is not None:
            maps = torch.cat([maps, self._extra_map(maps)], dim=1)
            weights = F.pad(weights, (0, 1), value=1.0)
        return {"heatmaps": maps, "weights": weights}

    def _extra_map(self, maps: Tensor) -> Tensor:
        if self.extra == "background":
            return 1 - maps.amax(dim=1, keepdim=True)
        return maps.sum(dim=1, keepdim=True)

    def decode(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        maps = outputs[:, -1] if outputs.dim() == 5 else outputs
        maps = maps[:, : maps.shape[1] - self.extra_channels].float()
        cells, scores = REFINEMENTS[self.refine](maps, self.sigma_px / self.stride)
        return cells * self.stride + self.offset_px, scores

    def flip(self, outputs: Tensor, skeleton: Skeleton) -> Tensor:
        order = skeleton.flip_order
        order += range(len(order), len(order) + self.extra_channels)
        return take_rows(self._mirrored(outputs), order, dim=-3)

    def _mirrored(self, maps: Tensor) -> Tensor:
        mirrored = maps.flip(-1)
        if self.half_stride:
            return mirrored
        # The mirrored cells fall (stride - 1)/stride cells beside the cells: interpolate.
        beside = F.pad(mirrored, (1, -1))
        return mirrored / self.stride + beside * (1 - 1 / self.stride)

    def unscale(self, outputs: Tensor, scale: float) -> Tensor:
        x, y = (((side - 1) / 2 - self.offset_px) / self.stride for side in self.input_size)
        return unscaled(outputs, scale, (x, y))
