"""Where the sigmas of OKS come from.

COCO's definition: sigma² is the mean of d² / s², where d is the distance in pixels between where a
joint is and where an annotator puts it, and s² the area of the person's segment. OKS itself uses
twice the sigma. See https://cocodataset.org/#keypoints-eval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.base import Statistic
from poseforge.evaluation.intervals import bootstrap, percentile_intervals
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class SigmaEstimate:
    """Sigmas of K keypoints.

    Attributes:
        sigmas: (K,).
        intervals: (K, 2) their 95 % intervals, over sets drawn from these images.
        people: (K,) how many people have labels to compare.
    """

    sigmas: Floats
    intervals: Floats
    people: NDArray[np.int64]


def estimate_sigmas(
    labels: Floats,
    visible: Floats,
    areas: Floats,
    image_rows: NDArray[np.int64],
    skeleton: Skeleton,
) -> SigmaEstimate:
    """Estimate sigmas from labels that several annotators gave to the same people.

    Nobody knows where a joint is, so distances are measured from the mean of its labels. That makes
    them too small, which is undone by dividing by one label less than there are: each joint of each
    person counts by its labels but one (the pooled variance, which is unbiased).

    Args:
        labels: (L, N, K, 2) pixels, by L annotators.
        visible: (L, N, K), 0 where an annotator did not label a joint.
        areas: (N,) px² of the people's segments.
        image_rows: (N,) the number of each person's image.
        skeleton: What the keypoints are.

    Raises:
        ValueError: The arrays disagree in shape, an area is not positive, or nobody has two labels
            of some joint.
    """
    _check(labels, visible, areas, image_rows, skeleton)
    labelled = (visible > 0)[..., None]  # (L, N, K, 1)
    counts = labelled.sum(axis=0)  # (N, K, 1)
    points = np.where(labelled, labels, 0).astype(np.float64)
    offsets = np.where(labelled, points - points.sum(axis=0) / np.maximum(counts, 1), 0)
    squares = (offsets**2).sum(axis=(0, -1)) / areas[:, None]  # (N, K)
    freedom = np.maximum(counts[..., 0] - 1, 0)  # (N, K)
    people = np.count_nonzero(freedom, axis=0)
    if not people.all():
        names = [skeleton.keypoints[k] for k in np.flatnonzero(people == 0)]
        raise ValueError(
            f"nobody has two labels of {', '.join(names)}, so nothing tells how far labels "
            "scatter; give more people whom at least two annotators labelled"
        )
    statistic = _Sigmas(skeleton.keypoints, squares, freedom, image_rows)
    drawn = bootstrap(statistic, np.random.default_rng(0))
    sigmas = statistic(np.ones((1, statistic.num_images)))[0]
    return SigmaEstimate(sigmas, percentile_intervals(drawn), people)


def sigmas_from_noise(noise_px: float | Floats, areas: Floats) -> Floats:
    """Return the sigmas of labels that are off by a stated number of pixels.

    Args:
        noise_px: Root mean square distance of a label from where the joint is; one number, or (K,).
        areas: (N,) px² of the people's segments.

    Returns:
        Sigmas in the shape of `noise_px`.

    Raises:
        ValueError: The noise or an area is not positive.
    """
    noise = np.asarray(noise_px, dtype=np.float64)
    if not (noise > 0).all():
        raise ValueError(f"noise of {noise_px} pixels makes no sigma; give a positive number")
    _check_areas(areas)
    sigmas: Floats = noise * np.sqrt(np.mean(1 / areas.astype(np.float64)))
    return sigmas


class _Sigmas(Statistic):
    """Sigmas as a function of the images' weights."""

    def __init__(
        self,
        names: tuple[str, ...],
        squares: Floats,
        freedom: NDArray[np.int64],
        image_rows: NDArray[np.int64],
    ) -> None:
        self.names = names
        self.num_images = int(image_rows.max(initial=-1)) + 1
        self._squares = np.zeros((self.num_images, len(names)))
        self._freedom = np.zeros_like(self._squares)
        np.add.at(self._squares, image_rows, squares)
        np.add.at(self._freedom, image_rows, freedom)

    def __call__(self, weights: Floats) -> Floats:
        freedom = weights @ self._freedom
        sigmas: Floats = np.sqrt(weights @ self._squares / np.where(freedom > 0, freedom, np.nan))
        return sigmas


def _check(
    labels: Floats,
    visible: Floats,
    areas: Floats,
    image_rows: NDArray[np.int64],
    skeleton: Skeleton,
) -> None:
    count, num_keypoints = len(areas), skeleton.num_keypoints
    expected = (len(labels), count, num_keypoints)
    if labels.shape != (*expected, 2) or visible.shape != expected or image_rows.shape != (count,):
        raise ValueError(
            f"labels {labels.shape}, visible {visible.shape}, areas {areas.shape} and image rows "
            f"{image_rows.shape} disagree; give (L, N, K, 2), (L, N, K), (N,) and (N,) with "
            f"K={num_keypoints}"
        )
    _check_areas(areas)


def _check_areas(areas: Floats) -> None:
    wrong = int(np.count_nonzero(~(areas > 0)))
    if wrong or not len(areas):
        raise ValueError(
            f"{wrong} of {len(areas)} people have no positive area, and sigmas are relative to its "
            "square root; give people who all have one"
        )
