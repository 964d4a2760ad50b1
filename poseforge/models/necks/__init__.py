"""Necks: from a backbone's features to those that a head takes."""

from poseforge.models.necks.deconvolutions import Deconvolutions

__all__ = ["Deconvolutions"]
