"""How well a confidence says whether a joint is right.

A confidence p is calibrated if the share p of the joints that have it are right. Only confidences
from 0 to 1 can be; the peaks of heatmaps often leave that range, and then only their order means
something.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class Calibration:
    """Joints in B bins of ascending confidence, each with about the same number of them.

    Joints of equal confidence share a bin, so B is smaller than asked for where many are equal.

    Attributes:
        confidence: (B,) mean confidence.
        hit_rate: (B,) share of right joints, 0 to 1.
        low: (B,) lower ends of the 95 % Wilson intervals of the hit rates.
        high: (B,) upper ends.
        counts: (B,) joints.
        edges: (B + 1,) the least confidence of each bin, and the greatest of all.
        error: The expected calibration error, the mean of |hit rate - mean confidence| over the
            bins, weighted by their counts (Naeini et al., AAAI 2015; bins of equal counts after
            Nguyen and O'Connor, EMNLP 2015); None where a confidence is outside 0 to 1.
    """

    confidence: Floats
    hit_rate: Floats
    low: Floats
    high: Floats
    counts: NDArray[np.int64]
    edges: Floats
    error: float | None


def calibration(confidence: Floats, correct: NDArray[np.bool_], *, bins: int = 10) -> Calibration:
    """Compare confidences with what came true.

    Args:
        confidence: Finite confidences of labelled joints, any shape.
        correct: Whether each joint was right, of the same shape.
        bins: How many bins at most.

    Raises:
        ValueError: The arrays differ in shape or are empty, a confidence is not finite, or there
            is no bin.
    """
    _check(confidence, correct, bins)
    order = np.argsort(confidence, axis=None)
    sure = confidence.ravel()[order].astype(np.float64)
    right = correct.ravel()[order].astype(np.float64)
    # An even cut moves down to the first joint of its confidence.
    even = np.arange(bins) * len(sure) // bins
    starts = np.unique(np.searchsorted(sure, sure[even]))
    counts = np.diff([*starts, len(sure)])
    means = np.add.reduceat(sure, starts) / counts
    hits = np.add.reduceat(right, starts)
    low, high = wilson_interval(hits, counts)
    rate = hits / counts
    is_share = sure[0] >= 0 and sure[-1] <= 1
    error = float(np.abs(rate - means) @ counts / len(sure)) if is_share else None
    edges = np.array([*sure[starts], sure[-1]])
    return Calibration(means, rate, low, high, counts, edges, error)


def wilson_interval(
    hits: Floats, counts: NDArray[np.int64], *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the score interval of a binomial share, which stays within 0 to 1.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.

    Args:
        hits: (...) successes.
        counts: (...) positive numbers of trials.
        level: The interval's confidence.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = hits / counts
    middle = share + z**2 / (2 * counts)
    half = z * np.sqrt(share * (1 - share) / counts + (z / (2 * counts)) ** 2)
    low: Floats = (middle - half) / (1 + z**2 / counts)
    high: Floats = (middle + half) / (1 + z**2 / counts)
    # Rounding must not push the ends past the share where they are equal to it.
    return np.minimum(low, share), np.maximum(high, share)


def _check(confidence: Floats, correct: NDArray[np.bool_], bins: int) -> None:
    if confidence.shape != correct.shape or not confidence.size:
        raise ValueError(
            f"confidences {confidence.shape} and outcomes {correct.shape} cannot be compared; "
            "give both for the same joints, one at least"
        )
    if not np.isfinite(confidence).all():
        raise ValueError(
            f"{np.count_nonzero(~np.isfinite(confidence))} of {confidence.size} confidences are "
            "not finite; leave out the joints that have none"
        )
    if bins < 1:
        raise ValueError(f"bins={bins} divide nothing; give 1 or more")
