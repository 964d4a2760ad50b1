"""Codecs: between coordinates and what a network learns, both ways, on the tensors' device."""

from poseforge.codecs.base import Codec, Targets
from poseforge.codecs.coordinates import Coordinates
from poseforge.codecs.fields import PartFields
from poseforge.codecs.heatmap import Heatmap

__all__ = ["Codec", "Coordinates", "Heatmap", "PartFields", "Targets"]
