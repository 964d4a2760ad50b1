from typing import TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Sample

NEEDED = ("image", "keypoints", "visible", "matrix", "center")


class _OfScenes(TypedDict, total=False):
    ignored: NDArray[np.float32]  # (Q, 4) input pixels


class PackedSample(_OfScenes):
    """The arrays of one sample that travel to the device; K keypoints, H W pixels."""

    image: NDArray[np.uint8]  # (3, H, W) RGB, contiguous
    keypoints: NDArray[np.float32]  # (K, 2) input pixels; of a scene (P, K, 2)
    visible: NDArray[np.float32]  # (K,) 0, 1 or 2; of a scene (P, K)
    matrix: NDArray[np.float32]  # (2, 3) original image to input pixels
    center: NDArray[np.float32]  # (2,) input pixels


class Pack:
    """Turn a finished sample into the arrays that travel."""

    def __call__(self, sample: Sample) -> PackedSample:
        """Return the packed sample.

        Raises:
            ValueError: A field is missing, or `image` is not uint8 (H, W, 3).
        """
        missing = [name for name in NEEDED if name not in sample]
        if missing:
            raise ValueError(
                f"the sample has no {' and no '.join(missing)} after its transforms; put Read "
                "among the transforms"
            )
        image = sample["image"]
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(
                f"the sample's image is {image.dtype} {image.shape}; a data set must bring uint8 "
                "(H, W, 3)"
            )
        packed: PackedSample = {
            "image": _planes(image),
            "keypoints": np.asarray(sample["keypoints"], np.float32),
            "visible": np.asarray(sample["visible"], np.float32),
            "matrix": np.asarray(sample["matrix"], np.float32),
            "center": np.asarray(sample["center"], np.float32),
        }
        if "ignored" in sample:
            packed["ignored"] = np.asarray(sample["ignored"], np.float32)
        return packed


def _planes(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colours (3, H, W) of an image (H, W, 3): a third of a transpose's time."""
    planes = np.empty((3, *image.shape[:2]), np.uint8)
    cv2.split(image, list(planes))
    return planes
