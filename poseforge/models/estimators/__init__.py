"""Estimators: whole models, from a batch to losses or predictions."""

from poseforge.models.estimators.base import Estimator, Mode
from poseforge.models.estimators.bottom_up import BottomUp
from poseforge.models.estimators.cascade import Cascade
from poseforge.models.estimators.coarse_to_fine import CoarseToFine
from poseforge.models.estimators.flip_consistent import FlipConsistent
from poseforge.models.estimators.top_down import TopDown

__all__ = [
    "BottomUp",
    "Cascade",
    "CoarseToFine",
    "Estimator",
    "FlipConsistent",
    "Mode",
    "TopDown",
]
