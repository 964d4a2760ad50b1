"""Models: layers, backbones, necks, losses, heads, and the estimators made of them."""

from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import CheckpointError, load_weights, read_checkpoint
from poseforge.models.estimators.base import Estimator
from poseforge.models.heads.base import Head

__all__ = [
    "CheckpointError",
    "Estimator",
    "Head",
    "build_estimator",
    "load_weights",
    "read_checkpoint",
]
