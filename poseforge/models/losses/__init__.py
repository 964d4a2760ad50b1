"""Losses: `forward(outputs, targets, weights) -> scalar`, in float32 under autocast too."""

from poseforge.models.losses.coordinate import CoordinateMSE, SmoothL1
from poseforge.models.losses.heatmap import HeatmapMSE

__all__ = ["CoordinateMSE", "HeatmapMSE", "SmoothL1"]
