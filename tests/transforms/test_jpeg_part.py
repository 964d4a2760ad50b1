"""A part of a JPEG has the whole picture's pixels, and a crop of it the whole picture's crop."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from poseforge.transforms import RandomCrop, io, jpeg_part
from poseforge.transforms.io import ImageFile

HAS_LIBRARY = jpeg_part._library() is not None
needs_library = pytest.mark.skipif(not HAS_LIBRARY, reason="no TurboJPEG library of version 3")
SAMPLINGS = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}


def picture(height: int = 301, width: int = 403) -> np.ndarray:
    """Return a colourful picture with details of all sizes."""
    rng = np.random.default_rng(3)
    layers = [
        cv2.resize(rng.integers(256, size=(n, n, 3), dtype=np.uint8), (width, height))
        for n in (4, 16, 64)
    ]
    return np.mean(layers, axis=0).astype(np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(*flags: int, grey: bool = False, **size: int) -> str:
        path = tmp_path / "picture.jpg"
        pixels = picture(**size)
        cv2.imwrite(str(path), pixels[..., 0] if grey else pixels, [*flags])
        return str(path)

    return write


@needs_library
@pytest.mark.parametrize("reduction", [1, 2, 4, 8])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_pixels_of_a_part_are_those_of_the_whole(write, sampling, reduction):
    path = write(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLINGS[sampling])
    corners = np.array([(150.0, 90.0), (310.0, 200.0)])
    found, (x, y) = ImageFile(path).decode_part(corners, reduction)
    whole = ImageFile(path).decode(reduction)
    assert found.size < whole.size
    x1, y1, x2, y2 = (int(value) for value in (corners / reduction).ravel())
    expected = whole[y1 - 1 : y2 + 2, x1 - 1 : x2 + 2]  # what interpolation looks at
    np.testing.assert_array_equal(found[y1 - 1 - y : y2 + 2 - y, x1 - 1 - x : x2 + 2 - x], expected)


@needs_library
def test_a_grey_picture_has_parts(write):
    path = write(grey=True)
    found, (x, y) = ImageFile(path).decode_part(np.array([(64.0, 40.0), (90.0, 80.0)]), 1)
    whole = ImageFile(path).decode()
    np.testing.assert_array_equal(found, whole[y:, x:][: len(found), : found.shape[1]])


@pytest.mark.parametrize("has_library", [pytest.param(True, marks=needs_library), False])
def test_a_crop_is_the_same_with_and_without_parts(write, has_library, monkeypatch):
    """Up to the last grey level, since OpenCV rounds the map's numbers."""
    path = write(height=480, width=640)
    crop = RandomCrop((96, 128), scale=(0.5, 2.0))
    if not has_library:
        monkeypatch.setattr(jpeg_part, "_library", lambda: None)
    shapes = set()
    decode_part = ImageFile.decode_part

    def spy(self, corners, reduction):
        image, corner = decode_part(self, corners, reduction)
        shapes.add(image.shape)
        return image, corner

    monkeypatch.setattr(ImageFile, "decode_part", spy)
    for seed in range(20):
        sample = {
            "box": np.array([300, 100, 420, 330], np.float32),
            "keypoints": np.zeros((1, 2), np.float32),
            "visible": np.ones(1),
        }
        monkeypatch.setattr(io._newest, "key", None)  # nothing is decoded already
        found = crop({**sample, "image_path": path}, np.random.default_rng(seed))
        whole = crop({**sample, "image": ImageFile(path).decode()}, np.random.default_rng(seed))
        np.testing.assert_array_equal(found["matrix"], whole["matrix"])
        scale = np.hypot(*found["matrix"][:, 0])
        if scale > 0.5:  # else it is read reduced
            difference = np.abs(found["image"].astype(int) - whole["image"])
            assert difference.max() <= 1
    assert (len(shapes) > 2) == has_library  # whole pictures are read at two scales


@needs_library
@pytest.mark.parametrize(
    "flags", [(cv2.IMWRITE_JPEG_PROGRESSIVE, 1), (cv2.IMWRITE_JPEG_QUALITY, 90)]
)
def test_a_picture_that_comes_in_passes_is_decoded_whole_and_one_that_is_decoded_is_shared(
    write, flags
):
    file = ImageFile(write(*flags))
    if flags[0] == cv2.IMWRITE_JPEG_QUALITY:
        file.decode()
    image, corner = file.decode_part(np.array([(150.0, 90.0), (310.0, 200.0)]), 1)
    assert image.shape == (301, 403, 3)
    assert corner == (0, 0)
    assert image is file.decode()


@needs_library
def test_what_the_library_cannot_decode_is_left_to_the_decoder_of_whole_pictures(write):
    with open(write(), "rb") as file:
        data = bytearray(file.read())
    assert jpeg_part.decode_part(bytes(data), (0, 0, 64, 64), 1) is not None
    assert jpeg_part.decode_part(bytes(data), (32, 0, 9999, 64), 1) is None
    data[len(data) // 3 : len(data) // 3 + 40] = bytes(40)
    assert jpeg_part.decode_part(bytes(data[:-2]), (0, 290, 64, 11), 1) is None
    assert jpeg_part.decode_part(b"no picture", (0, 0, 8, 8), 1) is None
    printed = BytesIO()
    Image.fromarray(picture()).convert("CMYK").save(printed, "JPEG")
    assert jpeg_part.decode_part(printed.getvalue(), (0, 0, 64, 64), 1) is None
    # A mistake does not stay with the decoder.
    with open(write(), "rb") as file:
        assert jpeg_part.decode_part(file.read(), (32, 8, 64, 64), 1) is not None


@needs_library
def test_a_turned_picture_is_decoded_whole(tmp_path):
    path, exif = tmp_path / "turned.jpg", Image.Exif()
    exif[0x0112] = 6  # a viewer turns it by 90 degrees
    Image.fromarray(picture()).save(path, exif=exif)
    image, corner = ImageFile(path).decode_part(np.array([(100.0, 90.0), (200.0, 200.0)]), 1)
    assert image.shape == (403, 301, 3)
    assert corner == (0, 0)
