"""Annotation and prediction files: PoseForge's own, and those of other tools."""

from poseforge.formats.annotations import Annotations, Images

__all__ = ["Annotations", "Images"]
