"""What a JPEG's header says, without decoding the picture (ITU-T T.81, and Exif 2.3)."""

import re
from typing import NamedTuple

START, END = b"\xff\xd8", b"\xff\xd9"
# Inside the picture's data, 0xFF is stuffed with 0x00; D0 ... D7 are restart marks, FF is fill.
MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
PICTURE = 0xDA  # the mark that picture data follows
SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the marks whose segment holds the size
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}  # of these, the marks of pictures that come in passes
APPLICATION_1 = 0xE1  # the mark of the segment that Exif is in, and other things are
EXIF = b"Exif\0\0"
ORIENTATION, UPRIGHT, FIRST_ON_ITS_SIDE = 0x0112, 1, 5  # a field of Exif, and of its values 1 ... 8


class JpegHeader(NamedTuple):
    """What a header says.

    Attributes:
        size: (width, height) as a viewer shows the picture.
        upright: Whether a viewer neither turns nor mirrors what is stored.
        progressive: Whether the picture comes in passes, so that decoders hold all of it at once,
            however much they reduce it.
    """

    size: tuple[int, int]
    upright: bool
    progressive: bool = False


def read_header(data: bytes) -> JpegHeader | None:
    """Return the header of a JPEG; None if it has no size, or is no JPEG."""
    if not data.startswith(START):
        return None
    at, orientation = len(START), UPRIGHT
    while (found := MARKER.search(data, at)) and found[1][0] != PICTURE:
        start, mark = found.end(), found[1][0]
        at = start + int.from_bytes(data[start : start + 2], "big")
        if mark == APPLICATION_1 and data.startswith(EXIF, start + 2):
            orientation = _orientation(data[start + 2 + len(EXIF) : at])
        elif mark in SIZES:
            height, width = (int.from_bytes(data[start + n : start + n + 2], "big") for n in (3, 5))
            size = (height, width) if orientation >= FIRST_ON_ITS_SIDE else (width, height)
            upright = orientation == UPRIGHT
            return JpegHeader(size, upright, mark in PROGRESSIVE) if width and height else None
    return None


def is_cut_short(data: bytes) -> bool:
    """Say whether a JPEG lacks its end mark; decoders fill the rest with grey silently."""
    if data.endswith(END):
        return False
    # The slow way: cameras append data of their own, and a thumbnail has an end mark too.
    at = len(START)
    while found := MARKER.search(data, at):
        if found[0] == END:
            return False
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return True


def _orientation(tiff: bytes) -> int:
    """Return the orientation that Exif's TIFF block tells: 1 ... 8, 1 where it tells none."""
    order = "big" if tiff.startswith(b"MM") else "little"

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(entry, 2) == ORIENTATION:
            found = number(entry + 8, 2)
            return found if UPRIGHT <= found <= 8 else UPRIGHT
    return UPRIGHT
