"""Metrics: predictions and truth in, numbers with their intervals out."""

from poseforge.evaluation.average_precision import OKSAP
from poseforge.evaluation.base import Metric, Report
from poseforge.evaluation.endpoint_error import EPE, NME
from poseforge.evaluation.mean_pose import mean_pose, paste
from poseforge.evaluation.pck import PCK, PDJ, PCKh
from poseforge.evaluation.pcp import PCP
from poseforge.evaluation.report import to_json, to_latex, to_markdown, to_terminal

__all__ = [
    "EPE",
    "NME",
    "OKSAP",
    "PCK",
    "PCP",
    "PDJ",
    "Metric",
    "PCKh",
    "Report",
    "mean_pose",
    "paste",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_terminal",
]
