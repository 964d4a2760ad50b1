import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample, affine, boxes
from poseforge.transforms.base import Transform

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
# Inside a JPEG's picture data, 0xFF is stuffed with 0x00; D0 ... D7 are restart marks, FF is fill.
JPEG_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
JPEG_PICTURE = 0xDA  # the mark that picture data follows
JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the marks whose segment holds the size
JPEG_EXIF = 0xE1  # the mark whose segment may say that a viewer turns the picture


class BadImageError(ValueError):
    """An image file that is empty, cut short or not an image; the message names it."""


@TRANSFORMS.register_module()
class Read(Transform):
    """Fill `image` from `image_path`, unless the data set brought it, and place the person.

    `matrix` becomes the identity, `box` the whole image and `center` the middle of the box, where
    absent.
    """

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        image = sample["image"] if "image" in sample else read_image(sample["image_path"])
        matrix = sample["matrix"] if "matrix" in sample else affine.identity()
        size = image.shape[1], image.shape[0]
        box = sample["box"] if "box" in sample else boxes.box_of_image(size)
        center = sample["center"] if "center" in sample else boxes.center_of(box)
        return {**sample, "image": image, "matrix": matrix, "box": box, "center": center}


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Read a picture as RGB, turned as a viewer shows it.

    Grey pictures become three equal channels, 16 bits a channel are scaled to 8, and a
    transparency channel is dropped, which leaves the colours that the file stores.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short or not an image.
    """
    data = _read_bytes(Path(path))
    if _is_cut_short(data):
        raise BadImageError(f"the image {path} is cut short; copy or download it again")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise BadImageError(f"the image {path} cannot be decoded: {error.err}") from error
    if image is None:
        raise BadImageError(
            f"{path} is damaged or not an image; replace it by a JPEG, PNG, BMP, TIFF or WebP file"
        )
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image), dtype=np.uint8)


def read_size(path: str | Path) -> tuple[int, int]:
    """Return (width, height) of the image that `read_image` gives, from the header if that is safe.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short or not an image.
    """
    data = _read_bytes(Path(path))
    size = _jpeg_size(data) if data.startswith(JPEG_START) else None
    if size:
        return size
    height, width = read_image(path).shape[:2]
    return width, height


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"there is no image {path}; check data_root, or download the data set again"
        ) from error
    except OSError as error:
        raise BadImageError(f"the image {path} cannot be read: {error.strerror}") from error
    if not data:
        raise BadImageError(f"the image {path} is empty (0 bytes); copy or download it again")
    return data


def _is_cut_short(data: bytes) -> bool:
    """Say whether a JPEG or PNG lacks its end mark; decoders fill the rest with grey silently."""
    if data.startswith(PNG_START):
        return PNG_END not in data
    if not data.startswith(JPEG_START) or data.endswith(JPEG_END):
        return False
    # The slow way: cameras append data of their own, and a thumbnail has an end mark too.
    at = 2
    while found := JPEG_MARKER.search(data, at):
        if found[0] == JPEG_END:
            return False
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return True


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a JPEG that a viewer does not turn; None if it may be turned."""
    at = 2
    while (found := JPEG_MARKER.search(data, at)) and found[1][0] not in (JPEG_PICTURE, JPEG_EXIF):
        start = found.end()
        if found[1][0] in JPEG_SIZES:
            height, width = (int.from_bytes(data[start + n : start + n + 2], "big") for n in (3, 5))
            return (width, height) if width and height else None
        at = start + int.from_bytes(data[start : start + 2], "big")
    return None
