"""Labels that disagree with a teacher's poses: left and right exchanged, or wrong altogether."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.distances import (
    check_shapes,
    normalised_distances,
    pixel_distances,
)
from poseforge.evaluation.reference import reference_pair
from poseforge.structures import People, Predictions, Skeleton
from poseforge.structures.affine import Floats

Verdict = Literal["keep", "mirror", "drop"]


@dataclass(frozen=True)
class Trust:
    """When a teacher is believed and not the labels. Lengths are in torsos.

    Args:
        min_score: The mean of its scores over the labelled keypoints is at least this; below,
            nobody is corrected.
        margin: Mirrored: exchanging left and right brings the pairs nearer to the teacher's pose
            by at least this on average.
        near: Mirrored: and then they are at most this far from it on average.
        agreement: Mirrored: and of all pairs at least this share is nearer then.
        min_pairs: Mirrored: and there are so many pairs. One counts if both of its keypoints are
            labelled, and more than `near` apart: else it cannot tell.
        wild: Dropped: the median keypoint is farther than this from the teacher's, as labelled and
            mirrored.

    Raises:
        ValueError: A number is out of its range.
    """

    min_score: float = 0.3
    margin: float = 0.3
    near: float = 0.2
    agreement: float = 0.8
    min_pairs: int = 4
    wild: float = 1.0

    def __post_init__(self) -> None:
        if not all(value > 0 for value in vars(self).values()) or self.agreement > 1:
            raise ValueError(f"{self} is not allowed; give numbers above 0, an agreement up to 1")


@dataclass(frozen=True)
class Judgement:
    """What a teacher's poses say about N people's labels. Lengths are in torsos.

    Attributes:
        verdicts: (N,) each a `Verdict`.
        scores: (N,) the teacher's mean score over the labelled keypoints.
        as_labelled: (N,) mean distance of the pairs that can tell; NaN where there is none.
        mirrored: (N,) the same with left and right exchanged.
        pairs: (N,) how many pairs can tell.
        agreeing: (N,) how many of them are nearer to the teacher's pose when mirrored.
        medians: (N,) the median keypoint's distance, as labelled or mirrored, the smaller one.
    """

    verdicts: NDArray[np.str_]
    scores: Floats
    as_labelled: Floats
    mirrored: Floats
    pairs: NDArray[np.int64]
    agreeing: NDArray[np.int64]
    medians: Floats

    def corrections(self, ids: NDArray[np.str_]) -> dict[str, dict[str, Any]]:
        """Return by id what is to be done with whom, and the numbers that decided, as plain types.

        Args:
            ids: (N,) what the people are called.
        """
        return {
            str(ids[row]): {
                "do": str(self.verdicts[row]),
                "score": _rounded(self.scores[row]),
                "as_labelled": _rounded(self.as_labelled[row]),
                "mirrored": _rounded(self.mirrored[row]),
                "pairs": int(self.pairs[row]),
                "agreeing": int(self.agreeing[row]),
                "median": _rounded(self.medians[row]),
            }
            for row in np.flatnonzero(self.verdicts != "keep")
        }

    def clearest(self, verdict: Verdict) -> NDArray[np.int64]:
        """Return the rows of a verdict, the clearest first."""
        rows = np.flatnonzero(self.verdicts == verdict)
        clearness = self.medians if verdict == "drop" else self.as_labelled - self.mirrored
        return rows[np.argsort(-clearness[rows], kind="stable")]


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def judge(predictions: Predictions, people: People, skeleton: Skeleton, trust: Trust) -> Judgement:
    """Hold labels against a teacher's poses.

    A person's torso is the longest of the two between a shoulder and the opposite hip (or what
    the skeleton's torso is, and its mirror image), of the labels and of the teacher's pose: the
    same whichever side is called left, and not short where a label of it is wrong.

    Args:
        predictions: The teacher's, one pose for each of the N people.
        people: Whose labels.
        skeleton: What the keypoints are.
        trust: When the teacher is believed.

    Raises:
        ValueError: The skeleton has no torso or no pairs, or the shapes do not fit.
    """
    check_shapes(predictions.keypoints, people, skeleton)
    if not skeleton.pairs:
        raise ValueError(f"skeleton '{skeleton.name}' has no left and right; add its `pairs`")
    flip, torsos = skeleton.flip_indices, _torsos(predictions, people, skeleton)
    found, visible = predictions.keypoints, people.visible
    own, mirrored = (
        normalised_distances(
            pixel_distances(found, people.keypoints[:, rows], visible[:, rows]), torsos
        )
        for rows in (slice(None), flip)
    )  # (N, K) each
    left, right = np.array([skeleton.indices(pair) for pair in skeleton.pairs]).T
    widths = np.linalg.norm(people.keypoints[:, left] - people.keypoints[:, right], axis=-1)
    both = (visible[:, left] > 0) & (visible[:, right] > 0)
    telling = both & (widths > trust.near * torsos[:, None])  # (N, P)
    as_is, exchanged = (
        np.where(telling, (distances[:, left] + distances[:, right]) / 2, np.nan)
        for distances in (own, mirrored)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of people without labels or such pairs
        scores = np.nanmean(np.where(visible > 0, predictions.scores, np.nan), axis=1)
        means = [np.nanmean(distances, axis=1) for distances in (as_is, exchanged)]
        medians = np.fmin(*(np.nanmedian(distances, axis=1) for distances in (own, mirrored)))
    pairs, agreeing = telling.sum(axis=1), (exchanged < as_is).sum(axis=1)
    is_sure = scores >= trust.min_score
    is_mirrored = (
        is_sure
        & (pairs >= trust.min_pairs)
        & (agreeing >= trust.agreement * pairs)
        & (means[1] <= trust.near)
        & (means[0] - means[1] >= trust.margin)
    )
    verdicts = np.full(len(people), "keep", dtype="<U6")
    verdicts[is_sure & (medians > trust.wild)] = "drop"
    verdicts[is_mirrored] = "mirror"
    return Judgement(verdicts, scores, means[0], means[1], pairs, agreeing, medians)


def _torsos(predictions: Predictions, people: People, skeleton: Skeleton) -> Floats:
    """Return (N,) pixels."""
    pair = reference_pair(skeleton, "torso") or ()
    ends = np.array(skeleton.indices(pair))
    labels = np.where(people.visible[..., None] > 0, people.keypoints, np.nan)
    lengths = [
        np.linalg.norm(points[:, first] - points[:, second], axis=-1)
        for points in (labels, predictions.keypoints)
        for first, second in (ends, skeleton.flip_indices[ends])
    ]
    longest: Floats = np.fmax.reduce(lengths).astype(np.float64)
    return longest
