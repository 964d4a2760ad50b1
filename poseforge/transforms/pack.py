from typing import TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Sample
from poseforge.transforms.larger_crop import larger_crop

NEEDED = ("image", "keypoints", "visible", "matrix", "center")


class _OfScenes(TypedDict, total=False):
    ignored: NDArray[np.float32]  # (Q, 4) input pixels


class _Picture(TypedDict, total=False):
    image: NDArray[np.uint8]  # (3, H, W) RGB, contiguous; or, where it is made on the device,
    crop: NDArray[np.uint8]  # (S, S, 3) RGB
    columns: NDArray[np.float32]  # (W, 2): the picture's pixel (x, y) lies at
    rows: NDArray[np.float32]  # (H, 2): columns[x] + rows[y] in the crop
    colors: NDArray[np.float32]  # (3, 4); absent where colours stay
    holes: NDArray[np.int64]  # (N, 4); absent where nothing is covered
    noise: NDArray[np.uint8]  # (T, T, 3); absent where that is by the mean colour


class PackedSample(_OfScenes, _Picture):
    """The arrays of one sample that travel to the device; K keypoints, H W pixels."""

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
            "keypoints": np.asarray(sample["keypoints"], np.float32),
            "visible": np.asarray(sample["visible"], np.float32),
            "matrix": np.asarray(sample["matrix"], np.float32),
            "center": np.asarray(sample["center"], np.float32),
        }
        if "ignored" in sample:
            packed["ignored"] = np.asarray(sample["ignored"], np.float32)
        _add_picture(packed, sample)
        return packed


def _planes(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the colours (3, H, W) of an image (H, W, 3): a third of a transpose's time."""
    planes = np.empty((3, *image.shape[:2]), np.uint8)
    cv2.split(image, list(planes))
    return planes


def picture_size(packed: PackedSample) -> tuple[int, int]:
    """Return (width, height) of a packed sample's picture, made or deferred."""
    if "crop" in packed:
        return len(packed["columns"]), len(packed["rows"])
    return packed["image"].shape[2], packed["image"].shape[1]


def _add_picture(packed: PackedSample, sample: Sample) -> None:
    image = sample["image"]
    if "deferred" not in sample:
        packed["image"] = _planes(image)
        return
    later = sample["deferred"]
    packed["crop"], packed["columns"], packed["rows"] = larger_crop(image, later)
    if later.colors is not None:
        packed["colors"] = later.colors.astype(np.float32)
    if later.holes is not None:
        packed["holes"] = later.holes
    if later.noise is not None:
        packed["noise"] = later.noise
