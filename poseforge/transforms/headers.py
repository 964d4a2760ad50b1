"""What the headers of pictures other than JPEGs say, without decoding the picture.

PNG (W3C), GIF89a, BMP, WebP (RFC 9649) and TIFF 6.0. Pillow reads them too, but has a limit of
pixels of its own, which it warns of and which is one for the whole process.
"""

from collections.abc import Callable, Iterator
from itertools import islice

PNG_START = b"\x89PNG\r\n\x1a\n"
TIFF_WIDTH, TIFF_HEIGHT = 256, 257  # fields
GIF_FRAME, GIF_EXTENSION = 0x2C, 0x21  # how a block begins
WEBP_ANIMATION = 0x02  # a flag
Size = tuple[int, int]


def read_size(data: bytes) -> Size | None:
    """Return (width, height) as stored; None if it is none of the formats, or cut short."""
    for magic, read in READERS.items():
        if data.startswith(magic):
            width, height = read(data)
            return (width, height) if width and height else None
    return None


def is_animated(data: bytes) -> bool:
    """Say whether a GIF, PNG or WebP has several frames, of which decoders return the first."""
    if data.startswith(b"GIF8"):
        return len(list(islice(_gif_frames(data), 2))) > 1
    if data.startswith(PNG_START):
        return b"acTL" in data[: max(data.find(b"IDAT"), 0)]
    extended = data.startswith(b"RIFF") and data[12:16] == b"VP8X"
    return extended and bool(_little(data, 20, 1) & WEBP_ANIMATION)


def _little(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _png(data: bytes) -> Size:
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _gif(data: bytes) -> Size:
    return _little(data, 6, 2), _little(data, 8, 2)


def _gif_frames(data: bytes) -> Iterator[int]:
    """Give where each frame begins."""
    at = 13 + _palette(data[10:11])
    while (kind := _little(data, at, 1)) in (GIF_FRAME, GIF_EXTENSION):
        if kind == GIF_FRAME:
            yield at
            at += 11 + _palette(data[at + 9 : at + 10])
        else:
            at += 2
        while length := _little(data, at, 1):  # pieces of data, ended by an empty one
            at += 1 + length
        at += 1


def _palette(flags: bytes) -> int:
    """Return the bytes of the colours that follow, if any do."""
    value = int.from_bytes(flags, "little")
    return 3 << (value & 7) + 1 if value & 0x80 else 0


def _bmp(data: bytes) -> Size:
    if _little(data, 14, 4) == 12:  # the first version's header
        return _little(data, 18, 2), _little(data, 20, 2)
    height = int.from_bytes(data[22:26], "little", signed=True)  # negative: from the top down
    return _little(data, 18, 4), abs(height)


def _webp(data: bytes) -> Size:
    kind = data[12:16]
    if kind == b"VP8X":
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    if kind == b"VP8L":
        bits = _little(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF


def _tiff(data: bytes) -> Size:
    order = "big" if data.startswith(b"MM") else "little"

    def number(at: int, length: int) -> int:
        return int.from_bytes(data[at : at + length], order)  # type: ignore[arg-type]

    first = number(4, 4)
    fields = {}
    for at in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        fields[number(at, 2)] = number(at + 8, 2 if number(at + 2, 2) == 3 else 4)
    return fields.get(TIFF_WIDTH, 0), fields.get(TIFF_HEIGHT, 0)


READERS: dict[bytes, Callable[[bytes], Size]] = {
    PNG_START: _png,
    b"GIF8": _gif,
    b"BM": _bmp,
    b"RIFF": _webp,
    b"II*\0": _tiff,
    b"MM\0*": _tiff,
}
