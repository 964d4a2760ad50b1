"""The stages of the Convolutional Pose Machine."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from poseforge.codecs.gaussian import axis_gaussian, cell_centers
from poseforge.models.heads.base import Head
from poseforge.models.layers import center_map, conv_relu, gaussian_init_
from poseforge.registry import HEADS
from poseforge.structures import Batch

STRIDE = 8


@HEADS.register_module()
class CPMHead(Head):
    """Stages that see the image, the previous stage's maps and where the person's middle is.

    Wei et al., Convolutional Pose Machines, CVPR 2016, https://arxiv.org/abs/1602.00134, with the
    layers of the authors' release: every stage after the first has its own 5 × 5 convolution on
    the features that these stages share. (The paper's text has one for all.) For the features of
    `CPMTowers`; the input's sides are multiples of 8.

    Without batch normalisation weights are drawn from N(0, 0.01²), and the first stage has
    dropout.

    Args:
        num_keypoints: K.
        loss: Called for each stage with outputs (B, C, H, W), `heatmaps` and `weights`.
        extra_channels: Maps beyond the keypoints', as many as the codec's `extra` adds.
        num_stages: S.
        width: Channels of the features and of the later stages; the paper's is 128. A quarter of
            it condenses the features, four times as many make the first stage's maps.
        batch_norm: Normalise after each convolution but those that give maps (not in the paper).
        dropout: Probability in the first stage.
        stage_weights: (S,) factors of the stages' losses; empty means 1 each.

    Raises:
        ValueError: `stage_weights` has another length than S, or S is below 1.
    """

    center_sigma: ClassVar[float] = 21 / 368  # of the input's height: 21 px in the paper
    init_std: ClassVar[float | None] = 0.01

    def __init__(
        self,
        num_keypoints: int,
        loss: nn.Module,
        *,
        extra_channels: int = 1,
        num_stages: int = 6,
        width: int = 128,
        batch_norm: bool = False,
        dropout: float = 0.5,
        stage_weights: Sequence[float] = (),
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.criterion = loss
        self.stages = num_stages
        self.stage_weights = tuple(stage_weights) or (1.0,) * num_stages
        if num_stages < 1 or len(self.stage_weights) != num_stages:
            raise ValueError(
                f"num_stages={num_stages} and {len(self.stage_weights)} stage_weights; "
                "give one weight a stage, and at least one stage"
            )
        maps, condensed = num_keypoints + extra_channels, width // 4
        later = range(num_stages - 1)
        self.first = _first_stage(width, maps, batch_norm=batch_norm, dropout=dropout)
        self.image_convs = nn.ModuleList(
            conv_relu(width, condensed, 5, batch_norm=batch_norm)
            for _ in later[: self._num_image_convs(num_stages)]
        )
        self.later = nn.ModuleList(
            _later_stage(condensed + maps + 1, width, maps, batch_norm=batch_norm) for _ in later
        )
        if self.init_std is not None and not batch_norm:
            gaussian_init_(self, self.init_std)

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        """Return the maps of all stages (B, S, C, H, W).

        Args:
            features: Two of (B, width, H, W): for the first stage, and for all later ones.
            batch: Of it, `center`, and the size of `image`.
        """
        own, shared = features
        beliefs = self.first(own)  # (B, C, H, W)
        images = [conv(shared) for conv in self.image_convs]
        center = self.center_map(batch).to(beliefs.dtype)
        outputs = [beliefs]
        for index, stage in enumerate(self.later):
            seen = self.see_beliefs(beliefs, index)
            beliefs = stage(torch.cat([images[index % len(images)], seen, center], dim=1))
            outputs.append(beliefs)
        return torch.stack(outputs, dim=1)

    def loss(self, outputs: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `loss_stage1` and so on: every stage is supervised."""
        return {
            f"loss_stage{index + 1}": weight
            * self.criterion(maps, targets["heatmaps"], targets["weights"])
            for index, (maps, weight) in enumerate(
                zip(outputs.unbind(1), self.stage_weights, strict=True)
            )
        }

    def center_map(self, batch: Batch) -> Tensor:
        """Return a Gaussian around the persons' middles (B, 1, H, W)."""
        height, width = batch["image"].shape[-2:]
        sigma_px = self.center_sigma * height
        return center_map(
            batch["center"], (width, height), sigma_px, kernel=STRIDE + 1, stride=STRIDE
        )

    def see_beliefs(self, beliefs: Tensor, index: int) -> Tensor:
        """Return what the later stage `index` sees of the previous stage's maps: all of them."""
        return beliefs

    def _num_image_convs(self, num_stages: int) -> int:
        return num_stages - 1


@HEADS.register_module()
class SeedCPMHead(CPMHead):
    """The Convolutional Pose Machine of V. Yadav's blog post of 2020.

    It differs from the paper's release: one 5 × 5 convolution condenses the features for all
    later stages; each of these looks at the previous maps through a 5 × 5 convolution and a ReLU;
    the centre map is drawn in cells that are centred on pixel 8·i, with a standard deviation of
    3 cells of 32; weights start from PyTorch's default. For `CPMTowers(pool="padded",
    init_std=None)`, and a codec with `half_stride=False`. The post's model has no dropout.
    """

    center_sigma = 3 / 32
    init_std = None

    def __init__(
        self,
        num_keypoints: int,
        loss: nn.Module,
        *,
        extra_channels: int = 1,
        num_stages: int = 6,
        width: int = 128,
    ) -> None:
        super().__init__(
            num_keypoints,
            loss,
            extra_channels=extra_channels,
            num_stages=num_stages,
            width=width,
            dropout=0.0,
        )
        maps = num_keypoints + extra_channels
        self.belief_convs = nn.ModuleList(conv_relu(maps, maps, 5) for _ in range(num_stages - 1))

    def center_map(self, batch: Batch) -> Tensor:
        center, size = batch["center"], batch["image"].shape[-2:]
        sigma_px = self.center_sigma * size[0]
        y, x = (
            axis_gaussian(
                center[:, axis],
                cell_centers(length // STRIDE, STRIDE, 0.0, center.device),
                sigma_px,
            )
            for axis, length in zip((1, 0), size, strict=True)
        )  # (B, H), (B, W)
        return (y[:, :, None] * x[:, None, :])[:, None]

    def see_beliefs(self, beliefs: Tensor, index: int) -> Tensor:
        seen: Tensor = self.belief_convs[index](beliefs)
        return seen

    def _num_image_convs(self, num_stages: int) -> int:
        return min(1, num_stages - 1)


def _first_stage(width: int, maps: int, *, batch_norm: bool, dropout: float) -> nn.Sequential:
    """Return what sees the image only."""
    drop = [nn.Dropout(dropout)] if dropout and not batch_norm else []
    return nn.Sequential(
        conv_relu(width, width // 4, 5, batch_norm=batch_norm),
        conv_relu(width // 4, 4 * width, 9, batch_norm=batch_norm),
        *drop,
        conv_relu(4 * width, 4 * width, 1, batch_norm=batch_norm),
        *drop,
        nn.Conv2d(4 * width, maps, 1),
    )


def _later_stage(in_channels: int, width: int, maps: int, *, batch_norm: bool) -> nn.Sequential:
    """Return what sees the image, the previous maps and the centre map."""
    return nn.Sequential(
        conv_relu(in_channels, width, 11, batch_norm=batch_norm),
        conv_relu(width, width, 11, batch_norm=batch_norm),
        conv_relu(width, width, 11, batch_norm=batch_norm),
        conv_relu(width, width, 1, batch_norm=batch_norm),
        nn.Conv2d(width, maps, 1),
    )
