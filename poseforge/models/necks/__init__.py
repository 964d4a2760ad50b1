"""Necks: from a backbone's features to those that a head takes."""

from poseforge.models.necks.deconvolutions import Deconvolutions
from poseforge.models.necks.feature_pyramid import FeaturePyramid

__all__ = ["Deconvolutions", "FeaturePyramid"]
