"""Decoding a part of a JPEG, where a TurboJPEG library of version 3 is installed.

All that comes before the part is read, but pixels are made of the part alone. They are those of the
whole picture, but for a column or row at the part's border, whose colours lack a neighbour.
"""

import ctypes
import re
import sys
import threading
from functools import cache
from importlib.metadata import PackageNotFoundError, files

import numpy as np
from numpy.typing import NDArray

PACKAGE = "turbojpeg"  # whose wheels bring the library
LIBRARY = r"(lib)?turbojpeg.*\.(so|dll|dylib)"
SYSTEM = {
    "linux": ("libturbojpeg.so.0",),
    "darwin": ("libturbojpeg.dylib",),
    "win32": ("turbojpeg.dll",),
}
STEP = 32  # a part begins at a multiple: of blocks of any colour sampling, reduced or not
DECOMPRESS, RGB = 1, 0  # TJINIT_DECOMPRESS, TJPF_RGB

Part = tuple[int, int, int, int]


class _Region(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("x", "y", "width", "height")]


class _Fraction(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("numerator", "denominator")]


def decode_part(data: bytes, part: Part, reduction: int) -> NDArray[np.uint8] | None:
    """Decode a rectangle of an upright JPEG of one pass.

    Args:
        data: The file's bytes.
        part: (x, y, width, height) in the reduced picture, x a multiple of `STEP`.
        reduction: 1, 2, 4 or 8: how many pixels become one along each axis.

    Returns:
        (height, width, 3) uint8 RGB; None without the library, and where it cannot do it or finds
        damage.
    """
    library = _library()
    if library is None:
        return None
    decoder = _decoder(library)
    x, y, width, height = part
    image = np.empty((height, width, 3), np.uint8)
    fails = (
        library.tj3DecompressHeader(decoder, data, len(data))
        or library.tj3SetScalingFactor(decoder, _Fraction(1, reduction))
        or library.tj3SetCroppingRegion(decoder, _Region(x, y, width, height))
        or library.tj3Decompress8(decoder, data, len(data), image.ctypes.data, 3 * width, RGB)
    )
    library.tj3SetCroppingRegion(decoder, _Region())  # the next header would be checked against it
    return None if fails else image


@cache
def _library() -> ctypes.CDLL | None:
    """Return the library, the package's or the system's; None where none is of version 3."""
    try:
        brought = files(PACKAGE) or []
    except PackageNotFoundError:
        brought = []
    bundled = [str(file.locate()) for file in brought if re.match(LIBRARY, file.name)]
    for name in (*bundled, *SYSTEM.get(sys.platform, ())):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        if hasattr(library, "tj3SetCroppingRegion"):
            return _declare(library)
    return None


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    """Tell the types of the functions, as turbojpeg.h has them."""
    handle, number = ctypes.c_void_p, ctypes.c_int
    source = (handle, ctypes.c_char_p, ctypes.c_size_t)
    library.tj3Init.restype = handle
    library.tj3DecompressHeader.argtypes = source
    library.tj3SetScalingFactor.argtypes = (handle, _Fraction)
    library.tj3SetCroppingRegion.argtypes = (handle, _Region)
    library.tj3Decompress8.argtypes = (*source, handle, number, number)
    return library


_of_thread = threading.local()


def _decoder(library: ctypes.CDLL) -> int:
    """Return the thread's own decoder: one serves one picture at a time."""
    if not hasattr(_of_thread, "decoder"):
        _of_thread.decoder = library.tj3Init(DECOMPRESS)
    decoder: int = _of_thread.decoder
    return decoder
