"""Which pictures look alike."""

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.pictures import Pictures

MAX_BITS = 6  # of 64 in which the hashes of like pictures differ
MIN_CORRELATION = 0.98  # of the grey thumbs of like pictures
BLOCK = 256
POPCOUNT = np.array([bin(n).count("1") for n in range(1 << 16)], dtype=np.uint8)


def like_pairs(first: Pictures, second: Pictures | None = None) -> NDArray[np.int64]:
    """Return (P, 2) rows of pictures that are the same file or look alike.

    Like pictures have hashes that differ in MAX_BITS at most, and thumbs that correlate by
    MIN_CORRELATION. Pictures of a single grey are like themselves only.

    Args:
        first: Pictures.
        second: Others to compare with; None compares the first with each other, the smaller row
            first.
    """
    other = first if second is None else second
    pairs = []
    for start in range(0, len(first), BLOCK):
        close: NDArray[np.bool_] = (
            _bits(first.hashes[start : start + BLOCK], other.hashes) <= MAX_BITS
        )
        if second is None:
            close &= np.arange(start, start + len(close))[:, None] < np.arange(len(other))
        rows = np.argwhere(close) + np.array([start, 0])
        pairs.append(rows[same_picture(first, other, rows)])
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), dtype=np.int64)


def same_picture(first: Pictures, second: Pictures, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (P,) whether pairs of pictures are equal files or have like thumbs."""
    ours, theirs = rows[:, 0], rows[:, 1]
    equal = (first.digests[ours] == second.digests[theirs]) & (first.digests[ours] != "")
    products = np.einsum("pt,pt->p", first.thumbs[ours], second.thumbs[theirs])
    alike: NDArray[np.bool_] = equal | (products >= MIN_CORRELATION)
    return alike


def _bits(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return (A, B) in how many bits hashes differ."""
    different = (first[:, None] ^ second).view(np.uint16).reshape(len(first), -1, 4)
    bits: NDArray[np.uint8] = POPCOUNT[different].sum(axis=-1, dtype=np.uint8)
    return bits
