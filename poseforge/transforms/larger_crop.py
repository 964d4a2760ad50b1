"""The part of an image that a deferred picture shows, as a worker sends it."""

import math

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import affine
from poseforge.structures.deferred import Deferred
from poseforge.transforms.geometry import warp_image

Lattice = NDArray[np.float32]


def larger_crop(
    image: NDArray[np.uint8], later: Deferred
) -> tuple[NDArray[np.uint8], Lattice, Lattice]:
    """Return what a picture shows of an image, and where in it the picture's pixels lie.

    It is the upright rectangle around all that the picture shows, pixel by pixel as in the image,
    in a square whose side is the picture's diagonal: that holds it at any angle if the picture is
    not smaller than what it shows. If it is smaller and the rectangle does not fit, the picture is
    warped here and sent as it is. So no detail is lost, and all crops of a batch have one size.

    Args:
        image: (H, W, 3).
        later: The picture.

    Returns:
        The crop (S, S, 3), with at least a frame of a pixel of what lies outside the image, and of
        every column (width, 2) and row (height, 2) of the picture its part of the place: the pixel
        (x, y) lies at `columns[x] + rows[y]`.
    """
    width, height = later.size
    side = math.ceil(math.hypot(width - 1, height - 1)) + 4  # 2 for ends in mid-pixel, 2 of frame
    crop = np.full((side, side, 3), round(later.fill), np.uint8)
    place = affine.invert(later.warp)  # picture to image
    reach = place[:, :2] * [width - 1, height - 1]
    first = np.floor(place[:, 2] + np.minimum(reach, 0).sum(axis=1)).astype(int)
    last = np.ceil(place[:, 2] + np.maximum(reach, 0).sum(axis=1)).astype(int)
    x1, y1 = np.clip(first, 0, (image.shape[1], image.shape[0])).tolist()
    seen = image[y1 : max(last[1] + 1, 0), x1 : max(last[0] + 1, 0)]
    if max(seen.shape) > side - 2:
        seen = warp_image(image, later.warp, later.size, later.fill)
        place, x1, y1 = affine.identity(), 0, 0
    crop[1 : 1 + seen.shape[0], 1 : 1 + seen.shape[1]] = seen
    columns = np.arange(width)[:, None] * place[:, 0] + (place[:, 2] - [x1 - 1, y1 - 1])
    rows = np.arange(height)[:, None] * place[:, 1]
    return crop, columns.astype(np.float32), rows.astype(np.float32)
