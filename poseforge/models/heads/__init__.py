"""Heads: from features to what a codec decodes, and to losses."""

from poseforge.models.heads.base import Head
from poseforge.models.heads.cpm import CPMHead, SeedCPMHead
from poseforge.models.heads.heatmap import HeatmapHead
from poseforge.models.heads.regression import RegressionHead

__all__ = ["CPMHead", "Head", "HeatmapHead", "RegressionHead", "SeedCPMHead"]
