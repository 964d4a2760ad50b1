"""Bootstrap intervals: how far a number would move on another draw of the same kind of people."""

import numpy as np

from poseforge.structures.affine import Floats


def bootstrap_intervals(
    hits: Floats,
    counts: Floats,
    rng: np.random.Generator,
    *,
    resamples: int = 1000,
    level: float = 0.95,
) -> Floats:
    """Return percentile intervals of sum(hits) / sum(counts) over resampled people.

    People are drawn, not joints, because the joints of one person succeed and fail together: an
    interval over joints would be too narrow (Efron and Tibshirani, 1993, chapter 13).

    Args:
        hits: (N, V) what each person adds to each of V numerators.
        counts: (N,) what each person adds to the denominator; positive.
        rng: The source of the draws; the same state gives the same intervals.
        resamples: How many times N people are drawn with replacement.
        level: The share of the resampled values that an interval holds.

    Returns:
        (V, 2) low and high ends, in the unit of hits / counts.

    Raises:
        ValueError: There is nobody, or the arrays disagree in length.
    """
    people = len(counts)
    if not people or len(hits) != people:
        raise ValueError(
            f"hits of {len(hits)} people and counts of {people} give no interval; "
            "give both for the same people, one at least"
        )
    totals = np.column_stack([hits, counts]).astype(np.float64)  # (N, V + 1)
    drawn = np.empty((resamples, totals.shape[1]))
    for row in drawn:
        # Counting draws is the fastest way to sample how often each person is drawn.
        weights = np.bincount(rng.integers(people, size=people), minlength=people)  # (N,)
        row[:] = weights @ totals
    shares = drawn[:, :-1] / drawn[:, -1:]  # (resamples, V)
    return np.quantile(shares, [(1 - level) / 2, (1 + level) / 2], axis=0).T
