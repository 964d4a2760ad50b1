"""A closer look: a heatmap of a small window around each keypoint."""

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from poseforge.codecs import Heatmap, Targets
from poseforge.models.heads.base import Head
from poseforge.models.layers import conv_relu, crop_windows
from poseforge.registry import HEADS
from poseforge.structures import Batch


@HEADS.register_module()
class WindowHead(Head):
    """Cut windows out of early features around each keypoint and say where in them it is.

    Each feature's windows go through a path of two 5 × 5 convolutions; all show the same part of
    the input, and the coarser ones are enlarged to the first one's cells and summed. Two 1 × 1
    convolutions follow. All keypoints of all samples are one batch of one network; only the last
    1 × 1 convolution, to the heatmap, has weights of its own for each keypoint. Tompson et al.,
    Efficient Object Localization Using Convolutional Networks, CVPR 2015,
    https://arxiv.org/abs/1411.4280; windows of 36, 18, 18 and 9 cells and the layers are from
    memory.

    Args:
        num_keypoints: K.
        loss: Called with outputs (B, K, S, S), `heatmaps` and `weights`.
        channels: Channels of the features, and of the convolutions.
        strides: Input pixels per cell of the first features; windows are cut out of so many. The
            heatmaps have the first one's cells.
        window_px: Side of the windows, input pixels.
        sigma_px: Standard deviation of the heatmaps' Gaussians, input pixels.
        jitter_px: In training, windows lie beside the points by normal deviates of this standard
            deviation, input pixels, on each axis; 0 keeps them in place.
        batch_norm: Normalise after each convolution but the last.

    Raises:
        ValueError: The strides do not divide the window, or are not in the order of their size.

    Attributes:
        codec: Between places in a window and its heatmap.
    """

    def __init__(
        self,
        num_keypoints: int,
        loss: nn.Module,
        *,
        channels: int = 128,
        strides: Sequence[int] = (1, 2, 2, 4),
        window_px: int = 36,
        sigma_px: float = 3.0,
        jitter_px: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if any(window_px % stride for stride in strides) or list(strides) != sorted(strides):
            raise ValueError(
                f"strides={tuple(strides)} and window_px={window_px}; give strides that divide the "
                "window's side, the smallest first"
            )
        self.num_keypoints = num_keypoints
        self.criterion = loss
        self.channels = channels
        self.strides = tuple(strides)
        self.window_px = window_px
        self.jitter_px = jitter_px
        self.codec = Heatmap((window_px, window_px), strides[0], sigma_px)
        self.paths = nn.ModuleList(
            nn.Sequential(
                conv_relu(channels, channels, 5, batch_norm=batch_norm),
                conv_relu(channels, channels, 5, batch_norm=batch_norm),
            )
            for _ in strides
        )
        self.shared = nn.Sequential(
            conv_relu(channels, channels, 1, batch_norm=batch_norm),
            conv_relu(channels, channels, 1, batch_norm=batch_norm),
        )
        self.own = nn.Conv1d(num_keypoints * channels, num_keypoints, 1, groups=num_keypoints)

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return a heatmap (B, K, S, S) of the window around each point.

        Args:
            features: The first of them are those that `strides` are of, each (B, C, H, W).
            batch: `keypoints`, (B, K, 2), are the windows' middles, input pixels.

        Raises:
            ValueError: The features are not of `channels` and `strides`.
        """
        self._check(features)
        middles = batch["keypoints"]
        first = self.strides[0]
        paths = zip(features, self.strides, self.paths, strict=False)
        seen = [
            _enlarged(path(_windows(feature, middles, self.window_px, stride)), stride // first)
            for feature, stride, path in paths
        ]
        shared = self.shared(reduce(torch.add, seen))  # (B*K, C, S, S)
        cells = shared.reshape(len(middles), -1, shared.shape[-1] ** 2)  # (B, K*C, S*S)
        maps: Tensor = self.own(cells).unflatten(-1, shared.shape[-2:])
        return maps

    def _check(self, features: Sequence[Tensor]) -> None:
        given = [tuple(feature.shape[1:]) for feature in features[: len(self.strides)]]
        height, width = (side * self.strides[0] for side in features[0].shape[-2:])
        needed = [
            (self.channels, -(-height // stride), -(-width // stride)) for stride in self.strides
        ]
        if given != needed:
            raise ValueError(
                f"the first features (channels, height, width) are {given}, but channels="
                f"{self.channels} and strides={self.strides} need {needed}; make them agree"
            )

    def around(self, points: Tensor) -> Tensor:
        """Return where windows lie (B, K, 2): at points, in training beside them; no gradient."""
        points = points.detach()
        if not self.training:
            return points
        return points + self.jitter_px * torch.randn_like(points)

    def encode(self, keypoints: Tensor, visible: Tensor, middles: Tensor) -> Targets:
        """Encode points (B, K, 2), input pixels, as heatmaps of the windows around `middles`."""
        return self.codec.encode(keypoints - middles + self._middle, visible)

    def offsets(self, maps: Tensor) -> Tensor:
        """Return how far from the windows' middles the maps' points lie (B, K, 2), input pixels."""
        return self.codec.decode(maps)[0] - self._middle

    @property
    def _middle(self) -> float:
        """The coordinate of a window's middle within it, input pixels."""
        return (self.window_px - 1) / 2

    def loss(self, outputs: Tensor, targets: Targets) -> dict[str, Tensor]:
        return {"loss_windows": self.criterion(outputs, targets["heatmaps"], targets["weights"])}


def _windows(feature: Tensor, middles: Tensor, side_px: int, stride: int) -> Tensor:
    return crop_windows(feature, middles, side_px, stride).flatten(0, 1)  # (B*K, C, S, S)


def _enlarged(maps: Tensor, factor: int) -> Tensor:
    return F.interpolate(maps, scale_factor=float(factor), mode="nearest")
