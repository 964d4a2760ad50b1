"""What happens to a sample between the data set and the batch, on the CPU or left to the device."""

from poseforge.transforms.base import Transform
from poseforge.transforms.deferring import defer
from poseforge.transforms.geometry import Crop, Flip, RandomCrop, Stretch
from poseforge.transforms.half_body import HalfBody
from poseforge.transforms.io import BadImageError, Read, open_image, read_image, read_size
from poseforge.transforms.occlusion import CutOut
from poseforge.transforms.pack import Pack, PackedSample
from poseforge.transforms.photometric import Blur, ColorJitter

__all__ = [
    "BadImageError",
    "Blur",
    "ColorJitter",
    "Crop",
    "CutOut",
    "Flip",
    "HalfBody",
    "Pack",
    "PackedSample",
    "RandomCrop",
    "Read",
    "Stretch",
    "Transform",
    "defer",
    "open_image",
    "read_image",
    "read_size",
]
