"""The stages of OpenPose: confidence maps and part affinity fields."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from poseforge.models.heads.fields import FieldsHead, output_conv
from poseforge.models.layers import conv_relu
from poseforge.registry import HEADS
from poseforge.structures import Batch


@HEADS.register_module()
class PAFHead(FieldsHead):
    """Stages of two branches, one for fields and one for maps, that see both of the stage before.

    Cao et al., Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields, CVPR 2017,
    https://arxiv.org/abs/1611.08050: the first stage has three 3 × 3 convolutions, a 1 × 1 of 4·
    `width` channels and a 1 × 1; the later ones five 7 × 7, a 1 × 1 and a 1 × 1. It takes the last
    feature.

    Args:
        num_keypoints: K, the skeleton's.
        num_links: L, the codec's links.
        loss: Called with outputs, `fields` and `weights`, each (B, C, H, W), of the fields and of
            the maps of each stage.
        num_middles: How many middles of two keypoints are parts of their own; 1 is OpenPose's neck.
        fields_weight: How much the fields' losses count beside the maps'; the papers' is 1.
        num_stages: S.
        in_channels: Channels of the feature.
        width: Channels of the convolutions; the paper's is 128.
        batch_norm: Normalise after each convolution but those that give outputs (not in the paper).

    Raises:
        ValueError: S is below 1, or `fields_weight` is not positive.
    """

    def __init__(  # noqa: PLR0913 - all that a user may choose
        self,
        num_keypoints: int,
        num_links: int,
        loss: nn.Module,
        *,
        num_middles: int = 0,
        fields_weight: float = 1.0,
        num_stages: int = 6,
        in_channels: int = 128,
        width: int = 128,
        batch_norm: bool = False,
    ) -> None:
        super().__init__(
            num_keypoints,
            num_links,
            loss,
            num_middles=num_middles,
            stages=num_stages,
            fields_weight=fields_weight,
        )
        if num_stages < 1:
            raise ValueError(f"num_stages={num_stages}; give at least one stage")
        later = in_channels + self.field_channels + self.map_channels
        branches = ((self.field_channels, False), (self.map_channels, True))
        self.branches = nn.ModuleList(
            nn.ModuleList(
                _branch(
                    later if index else in_channels,
                    channels,
                    width,
                    is_later=index > 0,
                    background=background,
                    batch_norm=batch_norm,
                )
                for channels, background in branches
            )
            for index in range(num_stages)
        )

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        seen = features[-1]
        outputs = []
        for stage in self.branches.children():
            fields, maps = stage.children()
            outputs.append(torch.cat([maps(seen), fields(seen)], dim=1))
            seen = torch.cat([features[-1], outputs[-1]], dim=1)
        return torch.stack(outputs, dim=1)

    def predicts(self, name: str, index: int) -> bool:
        return True


@HEADS.register_module()
class DensePAFHead(FieldsHead):
    """Stages for the fields, then stages for the maps, of blocks whose convolutions are joined.

    Cao et al., OpenPose: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields, TPAMI
    2019, https://arxiv.org/abs/1812.08008: five blocks of three 3 × 3 convolutions whose outputs
    are concatenated, with PReLUs, a 1 × 1 and a 1 × 1. Stages see the feature and the stage before;
    those for the maps see the last fields too. It takes the last feature.

    Outputs (B, S, C, H, W) of a stage for the maps have the last fields; those of a stage for the
    fields have maps of 0.

    Args:
        num_keypoints: K, the skeleton's.
        num_links: L, the codec's links.
        loss: As in `PAFHead`.
        num_middles: As in `PAFHead`.
        fields_weight: As in `PAFHead`.
        num_stages: How many stages the fields and the maps have.
        in_channels: Channels of the feature.
        widths: Channels of each 3 × 3 convolution and of the first 1 × 1, in the first stage of
            either kind and in the later ones; the released model's are the defaults.
        batch_norm: Normalise after each convolution but those that give outputs (not in the paper).
        learn_slopes: Whether the PReLUs' slopes are learnt, from 0.25 on. As targets are 0 nearly
            everywhere, they may fall to 0, and what is not found by then gets no gradient any more.

    Raises:
        ValueError: The fields or the maps have no stage, or `fields_weight` is not positive.
    """

    def __init__(  # noqa: PLR0913 - all that a user may choose
        self,
        num_keypoints: int,
        num_links: int,
        loss: nn.Module,
        *,
        num_middles: int = 0,
        fields_weight: float = 1.0,
        num_stages: tuple[int, int] = (4, 2),
        in_channels: int = 128,
        widths: tuple[tuple[int, int], tuple[int, int]] = ((96, 256), (128, 512)),
        batch_norm: bool = False,
        learn_slopes: bool = True,
    ) -> None:
        super().__init__(
            num_keypoints,
            num_links,
            loss,
            num_middles=num_middles,
            stages=sum(num_stages),
            fields_weight=fields_weight,
        )
        if min(num_stages) < 1:
            raise ValueError(f"num_stages={num_stages}; fields and maps need a stage each")
        self.num_field_stages = num_stages[0]
        fields, maps = self.field_channels, self.map_channels
        kinds = ((in_channels, fields, False), (in_channels + fields, maps, True))
        self.field_stages, self.map_stages = (
            nn.ModuleList(
                _dense_stage(
                    seen + channels * (index > 0),
                    channels,
                    widths[index > 0],
                    background=background,
                    batch_norm=batch_norm,
                )
                for index in range(count)
            )
            for count, (seen, channels, background) in zip(num_stages, kinds, strict=True)
        )
        for module in self.modules():
            if isinstance(module, nn.PReLU):
                module.requires_grad_(learn_slopes)

    def forward(self, features: Sequence[Tensor], batch: Batch) -> Tensor:
        feature = features[-1]
        fields = _refined(self.field_stages, feature)
        maps = _refined(self.map_stages, torch.cat([feature, fields[-1]], dim=1))
        nothing = torch.zeros_like(maps[0])
        pairs = [(nothing, field) for field in fields] + [(each, fields[-1]) for each in maps]
        return torch.stack([torch.cat(pair, dim=1) for pair in pairs], dim=1)

    def predicts(self, name: str, index: int) -> bool:
        return (name == "fields") == (index < self.num_field_stages)


class DenseBlock(nn.Module):
    """Three 3 × 3 convolutions in a row; the outputs of all of them.

    Args:
        in_channels: Channels of the input.
        width: Channels of each convolution.
        batch_norm: Normalise after each.
    """

    def __init__(self, in_channels: int, width: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            _conv_prelu(width if index else in_channels, width, 3, batch_norm=batch_norm)
            for index in range(3)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, 3·width, H, W)."""
        outputs = []
        for conv in self.convs:
            inputs = conv(inputs)
            outputs.append(inputs)
        return torch.cat(outputs, dim=1)


def _refined(stages: nn.ModuleList, seen: Tensor) -> list[Tensor]:
    """Return the outputs of stages that see the same and the stage before."""
    outputs: list[Tensor] = []
    for stage in stages:
        outputs.append(stage(torch.cat([seen, *outputs[-1:]], dim=1)))
    return outputs


def _branch(
    in_channels: int,
    out_channels: int,
    width: int,
    *,
    is_later: bool,
    background: bool,
    batch_norm: bool,
) -> nn.Sequential:
    count, kernel_size, condensed = (5, 7, width) if is_later else (3, 3, 4 * width)
    return nn.Sequential(
        *(
            conv_relu(width if index else in_channels, width, kernel_size, batch_norm=batch_norm)
            for index in range(count)
        ),
        conv_relu(width, condensed, 1, batch_norm=batch_norm),
        output_conv(condensed, out_channels, background=background),
    )


def _dense_stage(
    in_channels: int,
    out_channels: int,
    widths: tuple[int, int],
    *,
    background: bool,
    batch_norm: bool,
) -> nn.Sequential:
    width, condensed = widths
    blocks = (
        DenseBlock(3 * width if index else in_channels, width, batch_norm=batch_norm)
        for index in range(5)
    )
    return nn.Sequential(
        *blocks,
        _conv_prelu(3 * width, condensed, 1, batch_norm=batch_norm),
        output_conv(condensed, out_channels, background=background),
    )


def _conv_prelu(
    in_channels: int, out_channels: int, kernel_size: int, *, batch_norm: bool
) -> nn.Sequential:
    conv, *others, _ = conv_relu(in_channels, out_channels, kernel_size, batch_norm=batch_norm)
    return nn.Sequential(conv, *others, nn.PReLU(out_channels))
