"""Annotation and prediction files: PoseForge's own, and those of other tools."""

from poseforge.formats.annotations import Annotations, Images
from poseforge.formats.coco import read_coco
from poseforge.formats.coco_writing import write_coco

__all__ = ["Annotations", "Images", "read_coco", "write_coco"]
