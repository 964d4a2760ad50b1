"""Backbones: from images (B, 3, H, W) to a list of features, each (B, C, H, W)."""

from poseforge.models.backbones.alexnet import AlexNet
from poseforge.models.backbones.conv_stack import ConvStack
from poseforge.models.backbones.cpm_towers import CPMTowers
from poseforge.models.backbones.multi_resolution import MultiResolutionBanks
from poseforge.models.backbones.residual_stages import ResidualStages
from poseforge.models.backbones.torchvision_backbone import TorchvisionBackbone
from poseforge.models.backbones.vgg import VGGFront

__all__ = [
    "AlexNet", "CPMTowers", "ConvStack", "MultiResolutionBanks", "ResidualStages",
    "TorchvisionBackbone", "VGGFront",
]  # fmt: skip
