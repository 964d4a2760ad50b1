"""Headers, beside what Pillow reads from the same files."""

import io

import numpy as np
import pytest
from PIL import Image

from poseforge.transforms.headers import is_animated, read_size

NOISE = np.random.default_rng(0).integers(256, size=(40, 301, 3), dtype=np.uint8)


def encoded(kind: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, kind, **options)
    return file.getvalue()


FILES = {
    "png": encoded("PNG"),
    "gif": encoded("GIF"),
    "bmp": encoded("BMP"),
    "webp": encoded("WEBP"),
    "webp, lossless": encoded("WEBP", lossless=True),
    "webp, extended": encoded("WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
    "tiff": encoded("TIFF"),
    "tiff, compressed": encoded("TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("name", FILES)
def test_the_size_is_pillows(name):
    assert Image.open(io.BytesIO(FILES[name])).size == (301, 40)
    assert read_size(FILES[name]) == (301, 40)


def test_sizes_of_other_orders():
    big = (
        b"MM\0*\0\0\0\x08\0\x02\x01\0\0\x04\0\0\0\x01\0\0\x4e\x20\x01\x01\0\x03\0\0\0\x01\0\x09\0\0"
    )
    assert read_size(big) == (20000, 9)
    down = FILES["bmp"][:22] + (-40).to_bytes(4, "little", signed=True) + FILES["bmp"][26:]
    assert read_size(down) == (301, 40)
    assert read_size(b"BM" + bytes(12) + b"\x0c\0\0\0\x07\0\x09\0") == (7, 9)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff", b"hello", b"II*\0\x08\0\0\0"])
def test_what_has_no_size(data):
    assert read_size(data) is None


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_animations_are_those_of_pillow(kind, frames):
    others = [Image.fromarray(NOISE[::-1].copy()), Image.fromarray(255 - NOISE)]
    data = encoded(kind, save_all=frames > 1, append_images=others[: frames - 1])
    assert getattr(Image.open(io.BytesIO(data)), "n_frames", 1) == frames
    assert is_animated(data) == (frames > 1)
