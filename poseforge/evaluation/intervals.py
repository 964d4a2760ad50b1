"""Bootstrap intervals: how far a number would move on another test set of the same kind."""

import numpy as np

from poseforge.evaluation.base import Interval, Statistic
from poseforge.structures.affine import Floats

RESAMPLES = 1000
LEVEL = 0.95

# Resamples that are scored at once: enough to be fast, few enough to stay in memory.
CHUNK = 50


def numbers_with_intervals(statistic: Statistic) -> dict[str, tuple[float, Interval]]:
    """Return every number of a statistic by name, with its 95 % interval; always the same ones."""
    numbers = statistic(np.ones((1, statistic.num_images)))[0].tolist()
    ends = percentile_intervals(bootstrap(statistic, np.random.default_rng(0))).tolist()
    return {
        name: (number, (low, high))
        for name, number, (low, high) in zip(statistic.names, numbers, ends, strict=True)
    }


def draw_weights(num_images: int, resamples: int, rng: np.random.Generator) -> Floats:
    """Draw test sets: (resamples, num_images) how often each image is in each of them.

    Images are drawn, not joints or people, because what is in one image succeeds and fails
    together: an interval over joints would be too narrow (Efron and Tibshirani, "An Introduction to
    the Bootstrap", 1993, chapter 13).
    """
    weights = np.empty((resamples, num_images))
    for row in weights:
        # Counting draws is the fastest way to sample how often each image is drawn.
        row[:] = np.bincount(rng.integers(num_images, size=num_images), minlength=num_images)
    return weights


def bootstrap(
    statistic: Statistic, rng: np.random.Generator, *, resamples: int = RESAMPLES
) -> Floats:
    """Return the numbers of test sets drawn from this one, (resamples, V).

    Args:
        statistic: The numbers as a function of the images' weights.
        rng: The source of the draws; the same state draws the same images for every statistic.
        resamples: How many sets of as many images are drawn with replacement.
    """
    sizes = [min(CHUNK, resamples - start) for start in range(0, resamples, CHUNK)]
    parts = [statistic(draw_weights(statistic.num_images, size, rng)) for size in sizes]
    return np.concatenate(parts)


def percentile_intervals(resampled: Floats, *, level: float = LEVEL) -> Floats:
    """Return (V, 2) low and high ends that hold a share of the resampled numbers (R, V).

    Sets without anything to score are left out; a number that no set has is NaN.
    """
    ends = np.full((resampled.shape[1], 2), np.nan)
    some = ~np.isnan(resampled).all(axis=0)
    if some.any():
        # nanquantile takes a hundred times as long, so only what needs it goes through it.
        quantile = np.nanquantile if np.isnan(resampled[:, some]).any() else np.quantile
        ends[some] = quantile(resampled[:, some], [(1 - level) / 2, (1 + level) / 2], axis=0).T
    return ends
