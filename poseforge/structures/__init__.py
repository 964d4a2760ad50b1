"""Skeletons, samples, boxes and crop matrices: the data that every room shares."""

from poseforge.structures.sample import Batch, People, Prediction, Sample
from poseforge.structures.skeleton import Skeleton
from poseforge.structures.skeletons import SKELETONS, as_skeleton

__all__ = ["SKELETONS", "Batch", "People", "Prediction", "Sample", "Skeleton", "as_skeleton"]
