"""Shares of keypoints within thresholds, for any weighting of the images at once.

Each distance falls between two thresholds once and for all. What a weighted test set scores is a
sum over one histogram a keypoint, so that a thousand test sets with their whole curves cost one
product with a sparse matrix.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from poseforge.evaluation.base import Statistic
from poseforge.structures.affine import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# A distance of exactly the threshold is a hit, whatever the last bit of 7 * 0.01 says.
TOLERANCE = 1e-12


class HitShares(Statistic):
    """Percentages of hits: chosen numbers first, then every row's whole curve.

    Args:
        distances: (N, J) in reference lengths; NaN does not count at all, infinite is a miss.
        image_rows: (N,) the number of each person's image.
        thresholds: (T,) ascending; a distance equal to one is a hit.
        rows: A title and the columns of `distances` that it covers.
        macro: Titles whose share is the mean over its labelled columns' shares instead of the
            share of all their keypoints.
        numbers: A name, and the row and (T,) weights that make it from the row's curve.
    """

    def __init__(
        self,
        distances: Floats,
        image_rows: Sequence[int] | np.ndarray,
        thresholds: Floats,
        *,
        rows: Mapping[str, Sequence[int]],
        numbers: Mapping[str, tuple[str, Floats]],
        macro: Sequence[str] = (),
    ) -> None:
        self.thresholds = thresholds
        self.titles = list(rows)
        self.num_images = int(np.max(image_rows, initial=-1)) + 1
        self.names = (*numbers, *(f"{row}@{t:g}" for row in rows for t in thresholds))
        self._histograms = _histograms(distances, np.asarray(image_rows), self)
        self._columns = [list(columns) for columns in rows.values()]
        self._macro = [title in macro for title in rows]
        self._picks = [(self.titles.index(row), weights) for row, weights in numbers.values()]

    def __call__(self, weights: Floats) -> Floats:
        curves = self._curves(weights)  # (R, rows, T)
        numbers = [curves[:, row] @ picked for row, picked in self._picks]
        return np.column_stack([*numbers, curves.reshape(len(weights), -1)])

    def _curves(self, weights: Floats) -> Floats:
        bins = len(self.thresholds) + 1
        histograms = (self._histograms.T @ weights.T).T.reshape(len(weights), -1, bins)
        hits = np.cumsum(histograms[..., :-1], axis=-1)  # (R, J, T)
        counts = histograms.sum(axis=-1)[..., None]  # (R, J, 1)
        shares = [
            (_mean_share if macro else _joint_share)(hits[:, columns], counts[:, columns])
            for columns, macro in zip(self._columns, self._macro, strict=True)
        ]
        return 100 * np.stack(shares, axis=1)


def _joint_share(hits: Floats, counts: Floats) -> Floats:
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: nothing to score
        share: Floats = hits.sum(axis=1) / counts.sum(axis=1)
    return share


def _mean_share(hits: Floats, counts: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        shares = np.where(counts > 0, hits / counts, 0)
        mean: Floats = shares.sum(axis=1) / (counts > 0).sum(axis=1)
    return mean


def _histograms(distances: Floats, image_rows: np.ndarray, hits: HitShares) -> "csr_matrix":
    """Count (images, J * (T + 1)) distances by the first threshold that they are within."""
    from scipy.sparse import csr_matrix  # takes longer to load than everything else here

    bins = len(hits.thresholds) + 1
    people, columns = np.nonzero(~np.isnan(distances))
    first = np.searchsorted(hits.thresholds + TOLERANCE, distances[people, columns])
    shape = hits.num_images, distances.shape[1] * bins
    ones = np.ones(len(people))
    return csr_matrix((ones, (image_rows[people], columns * bins + first)), shape=shape)


def hit_curve(distances: Floats, thresholds: Sequence[float] | Floats) -> Floats:
    """Return the percentage of keypoints within each threshold.

    Args:
        distances: (...) in reference lengths; NaN does not count at all.
        thresholds: (T,) ascending, in reference lengths.

    Returns:
        (T,) percent; NaN where no keypoint is labelled.
    """
    labelled = distances[~np.isnan(distances)]
    if not labelled.size:
        return np.full(len(thresholds), np.nan)
    first = np.searchsorted(np.asarray(thresholds) + TOLERANCE, labelled)
    hits = np.cumsum(np.bincount(first, minlength=len(thresholds) + 1)[:-1])
    return 100 * hits / labelled.size
