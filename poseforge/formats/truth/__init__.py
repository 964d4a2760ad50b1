"""Files of ground truth, read without their images."""

from poseforge.formats.truth.base import Truth
from poseforge.formats.truth.own_npz import write_truth
from poseforge.formats.truth.reading import read_truth

__all__ = ["Truth", "read_truth", "write_truth"]
