"""Heads: from features to what a codec decodes, and to losses."""

from poseforge.models.heads.base import Head
from poseforge.models.heads.cpm import CPMHead, SeedCPMHead
from poseforge.models.heads.fields import FieldsHead
from poseforge.models.heads.heatmap import HeatmapHead
from poseforge.models.heads.paf import DensePAFHead, PAFHead
from poseforge.models.heads.regression import RegressionHead
from poseforge.models.heads.window import WindowHead

__all__ = [
    "CPMHead",
    "DensePAFHead",
    "FieldsHead",
    "Head",
    "HeatmapHead",
    "PAFHead",
    "RegressionHead",
    "SeedCPMHead",
    "WindowHead",
]
