"""Pictures to files, whole or not at all."""

from pathlib import Path

import cv2

from poseforge.files import replacing
from poseforge.visualization.draw import check_image
from poseforge.visualization.strokes import Image


def save_image(path: Path, image: Image) -> None:
    """Write a picture in the format that the file's suffix names.

    Args:
        path: Where to; an older file is replaced, missing folders are made.
        image: (H, W, 3) uint8 RGB.

    Raises:
        ValueError: OpenCV writes no format of that suffix, or the picture is not uint8 RGB.
    """
    check_image(image)
    if not cv2.haveImageWriter(path.name):
        raise ValueError(f"no picture format has the suffix of '{path}'; use .png or .jpg")
    _, encoded = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    with replacing(path) as aside:
        aside.write_bytes(encoded.tobytes())
