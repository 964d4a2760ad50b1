"""Backbones: from images (B, 3, H, W) to a list of features, each (B, C, H, W)."""

from poseforge.models.backbones.conv_stack import ConvStack
from poseforge.models.backbones.cpm_towers import CPMTowers

__all__ = ["CPMTowers", "ConvStack"]
