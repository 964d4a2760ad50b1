"""Estimators: whole models, from a batch to losses or predictions."""

from poseforge.models.estimators.base import Estimator, Mode
from poseforge.models.estimators.top_down import TopDown

__all__ = ["Estimator", "Mode", "TopDown"]
