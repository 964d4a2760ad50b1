"""Metrics: predictions and truth in, numbers with their intervals out."""

from poseforge.evaluation.base import Metric, Report
from poseforge.evaluation.intervals import bootstrap_intervals
from poseforge.evaluation.mean_pose import mean_pose, paste
from poseforge.evaluation.pck import PCK, normalised_distances, pck_curve, reference_lengths
from poseforge.evaluation.report import to_json, to_markdown, to_terminal

__all__ = [
    "PCK",
    "Metric",
    "Report",
    "bootstrap_intervals",
    "mean_pose",
    "normalised_distances",
    "paste",
    "pck_curve",
    "reference_lengths",
    "to_json",
    "to_markdown",
    "to_terminal",
]
