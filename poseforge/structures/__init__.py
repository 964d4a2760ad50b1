"""Skeletons, samples, boxes and crop matrices: the data that every room shares."""

from poseforge.structures.people import People
from poseforge.structures.predictions import Detections, Predictions
from poseforge.structures.sample import Batch, Prediction, Sample
from poseforge.structures.skeleton import Skeleton
from poseforge.structures.skeletons import SKELETONS, as_skeleton

__all__ = [
    "SKELETONS",
    "Batch",
    "Detections",
    "People",
    "Prediction",
    "Predictions",
    "Sample",
    "Skeleton",
    "as_skeleton",
]
