"""Blocks that backbones, necks and heads share."""

from poseforge.models.layers.center_map import center_map
from poseforge.models.layers.conv import conv_relu, gaussian_init_
from poseforge.models.layers.local_contrast import LocalContrastNorm
from poseforge.models.layers.residual_block import ResidualBlock
from poseforge.models.layers.windows import crop_windows

__all__ = [
    "LocalContrastNorm",
    "ResidualBlock",
    "center_map",
    "conv_relu",
    "crop_windows",
    "gaussian_init_",
]
