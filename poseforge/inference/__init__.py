"""From images and one checkpoint file to poses."""

from poseforge.inference.poses import ImagePoses
from poseforge.inference.predictor import Predictor

__all__ = ["ImagePoses", "Predictor"]
