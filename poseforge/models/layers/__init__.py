"""Blocks that backbones, necks and heads share."""

from poseforge.models.layers.center_map import center_map
from poseforge.models.layers.conv import conv_relu, gaussian_init_

__all__ = ["center_map", "conv_relu", "gaussian_init_"]
