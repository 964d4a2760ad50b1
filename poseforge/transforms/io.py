import os
import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.registry import TRANSFORMS
from poseforge.structures import Sample, affine, boxes
from poseforge.structures.affine import Floats
from poseforge.transforms import headers, jpeg, jpeg_part
from poseforge.transforms.arguments import image_of
from poseforge.transforms.base import Transform

PNG_END = b"IEND"
MARGIN = 3  # pixels around a part: for interpolation, and for a border that lacks neighbours
MOST_PIXELS = 2**27  # decoded at once: 134 million, or 400 MB
# How OpenCV is told to reduce a picture. What is called grey here is the reduction alone, without
# the flag that asks for blue first.
REDUCTIONS = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_COLOR_RGB | cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_COLOR_RGB | cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_COLOR_RGB | cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


class BadImageError(ValueError):
    """An image file that is empty, cut short, too large or no image; the message names it."""


@TRANSFORMS.register_module()
class Read(Transform):
    """Fill `image` from `image_path`, unless the data set brought it, and place the person.

    `matrix` becomes the identity, `box` the whole image and `center` the middle of the box, where
    absent. `Crop` and `RandomCrop` need no `Read` before them: they read at the scale they need.
    """

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        picture = Picture(sample)
        return {**picture.place(sample), "image": picture.at(1.0)[0]}


class Picture:
    """A sample's picture, which is decoded once the scale is known that it is needed at.

    Args:
        sample: With an `image`, or else an `image_path`.

    Attributes:
        size: (width, height) of the whole picture.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short or not an image.
        ValueError: There is neither.
    """

    def __init__(self, sample: Sample) -> None:
        self._file = None
        if "image" not in sample and "image_path" in sample:
            self._file = open_image(sample["image_path"])
            self.size = self._file.size
        else:
            self._image = image_of(sample)
            self.size = self._image.shape[1], self._image.shape[0]

    def place(self, sample: Sample) -> Sample:
        """Return the sample with `matrix`, `box` and `center`, as `Read` makes them."""
        box = sample["box"] if "box" in sample else boxes.box_of_image(self.size)
        return {
            **sample,
            "matrix": sample["matrix"] if "matrix" in sample else affine.identity(),
            "box": box,
            "center": sample["center"] if "center" in sample else boxes.center_of(box),
        }

    def at(self, scale: float) -> tuple[NDArray[np.uint8], int]:
        """Return the picture for a use in which it is `scale` times as large.

        Returns:
            (H, W, 3) uint8 RGB, and how many pixels of the whole picture a pixel is wide: 1, or of
            a JPEG 2, 4 or 8, but never so many that the use enlarges pixels.
        """
        if self._file is None:
            return self._image, 1
        reduction = self._file.reduction_at(scale)
        return self._file.decode(reduction), reduction

    def part(self, scale: float, corners: Floats) -> tuple[NDArray[np.uint8], Floats]:
        """Return at least what lies between points, for a use at `scale` times its size.

        Of a JPEG no more is decoded where a library can do that, which pays unless further people
        of the same picture follow.

        Args:
            scale: As for `at`.
            corners: (N, 2) pixels of the whole picture.

        Returns:
            (H, W, 3) uint8 RGB, and the (2, 3) map from its pixels to those of the whole picture.
        """
        if self._file is None:
            return self._image, affine.identity()
        reduction = self._file.reduction_at(scale)
        image, corner = self._file.decode_part(corners, reduction)
        return image, affine.compose(
            affine.enlargement_matrix(reduction), affine.shift_matrix(corner)
        )


class ImageFile:
    """An image file's bytes, and what has been decoded of them.

    Args:
        path: The file.

    Attributes:
        size: (width, height) of the picture, turned as a viewer shows it.
        reductions: What `decode` can reduce it by.
        is_animated: Whether it has several frames; the first is the picture.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short, too large to decode or not an image.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._data = _read_bytes(path)
        if _is_cut_short(self._data):
            raise BadImageError(f"the image {path} is cut short; copy or download it again")
        self.is_animated = headers.is_animated(self._data)
        self._decoded: dict[int, NDArray[np.uint8]] = {}
        self.reductions: tuple[int, ...] = (1,)
        header = jpeg.read_header(self._data)
        self._in_passes = header is not None and header.progressive
        self._has_parts = header is not None and header.upright and not header.progressive
        self.size = header.size if header else headers.read_size(self._data) or (0, 0)
        if header is None:
            image = self.decode()
            self.size = image.shape[1], image.shape[0]
            return
        # The blocks that are reduced begin at the stored picture's top left corner, and those at
        # the other sides hang over; a turn would bring these to the top or left.
        self.reductions = tuple(
            n for n in REDUCTIONS if header.upright or not any(side % n for side in self.size)
        )

    def reduction_at(self, scale: float) -> int:
        """Return the largest reduction that a use at `scale` times the size does not enlarge."""
        return max(n for n in self.reductions if n == 1 or n * scale <= 1)

    def decode(self, reduction: int = 1) -> NDArray[np.uint8]:
        """Return the picture, turned as a viewer shows it.

        Args:
            reduction: One of `reductions`: how many pixels become one along each axis.

        Returns:
            (H, W, 3) uint8 RGB, not to be written to.

        Raises:
            BadImageError: The file is damaged or not an image, or so much of it is too large.
        """
        if reduction not in self._decoded:
            self._decoded[reduction] = self._decode(reduction)
        return self._decoded[reduction]

    def decode_part(
        self, corners: Floats, reduction: int
    ) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """Return at least the part of the reduced picture between points, and its top left corner.

        It is the whole picture where that is decoded already, or where no part can be.

        Args:
            corners: (N, 2) pixels of the whole picture.
            reduction: As for `decode`.

        Raises:
            BadImageError: As for `decode`.
        """
        if self._has_parts and reduction not in self._decoded:
            width, height = (-(-side // reduction) for side in self.size)
            low, high = corners.min(axis=0) / reduction, corners.max(axis=0) / reduction
            x1, y1 = np.maximum(np.floor(low).astype(int) - MARGIN, 0).tolist()
            x2, y2 = np.minimum(np.ceil(high).astype(int) + MARGIN + 1, (width, height)).tolist()
            x1 -= x1 % jpeg_part.STEP
            if x2 > x1 and y2 > y1 and (x2 - x1) * (y2 - y1) <= MOST_PIXELS:
                part = x1, y1, x2 - x1, y2 - y1
                image = jpeg_part.decode_part(self._data, part, reduction)
                if image is not None:
                    return image, (x1, y1)
        return self.decode(reduction), (0, 0)

    def _decode(self, reduction: int) -> NDArray[np.uint8]:
        width, height = self.size
        if width * height > MOST_PIXELS * (1 if self._in_passes else reduction**2):
            raise BadImageError(
                f"the image {self._path} has {width} x {height} pixels, and at most "
                f"{MOST_PIXELS / 1e6:.0f} million are decoded at once; shrink it, or cut out the "
                "part that is needed"
            )
        try:
            image = cv2.imdecode(np.frombuffer(self._data, np.uint8), REDUCTIONS[reduction])
        except cv2.error as error:
            raise BadImageError(f"the image {self._path} cannot be decoded: {error.err}") from error
        if image is None:
            raise BadImageError(
                f"{self._path} is damaged or not an image; replace it by a JPEG, PNG, BMP, TIFF or "
                "WebP file"
            )
        image.flags.writeable = False  # others may get it too
        return np.asarray(image, dtype=np.uint8)


class _Newest(threading.local):
    """What a thread has opened last."""

    key: tuple[str, int, int] | None = None
    file: ImageFile


_newest = _Newest()


def open_image(path: str | Path) -> ImageFile:
    """Open an image file; people of one image, who often follow one another, share it.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short or not an image.
    """
    try:
        status = os.stat(path)
    except OSError:
        return ImageFile(path)  # which says what is wrong
    key = os.fspath(path), status.st_mtime_ns, status.st_size
    if key != _newest.key:
        _newest.key = None  # should the file be broken
        _newest.file = ImageFile(path)
        _newest.key = key
    return _newest.file


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
    return ImageFile(path).decode().copy()


def read_size(path: str | Path) -> tuple[int, int]:
    """Return (width, height) of the image that `read_image` gives, from the header if that is safe.

    Raises:
        FileNotFoundError: There is no such file.
        BadImageError: The file is empty, cut short or not an image.
    """
    return ImageFile(path).size


def _read_bytes(path: str | Path) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read()
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
    if data.startswith(headers.PNG_START):
        return PNG_END not in data
    return data.startswith(jpeg.START) and jpeg.is_cut_short(data)
