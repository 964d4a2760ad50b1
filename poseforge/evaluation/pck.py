"""PCK: the percentage of keypoints within a fraction of a reference length of the truth.

The protocol is the one of the Leeds Sports Pose evaluation toolkit (person-centric and
observer-centric labels alike): every labelled joint counts, hidden ones included; the reference is
the torso from left shoulder to right hip; a distance equal to the threshold is a hit; the area
under the curve is a trapezoid over thresholds from 0 to 0.2, rescaled to [0, 1]. The measure is
from Yang and Ramanan, "Articulated Human Detection with Flexible Mixtures of Parts", TPAMI 2013,
and the torso reference from Sapp and Taskar, "MODEC", CVPR 2013.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.base import Metric, Report
from poseforge.evaluation.intervals import bootstrap_intervals
from poseforge.registry import METRICS
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points, longest_side
from poseforge.structures.skeleton import Pair

REFERENCES = ("torso", "head", "box")
VERSION = "v1"

# A distance of exactly the threshold is a hit, whatever the last bit of 7 * 0.01 says.
TOLERANCE = 1e-12


def normalised_distances(
    keypoints: Floats, truth: Floats, visible: Floats, reference_lengths: Floats
) -> Floats:
    """Return the distances between predictions and truth in reference lengths.

    Args:
        keypoints: (N, K, 2) predictions, pixels.
        truth: (N, K, 2) labels, pixels.
        visible: (N, K), 0 where a keypoint is not labelled.
        reference_lengths: (N,) pixels.

    Returns:
        (N, K) float64: infinite where the prediction is NaN; NaN where a keypoint is not labelled
        or its person's reference length is missing (NaN) or zero.

    Raises:
        ValueError: The arrays disagree in shape.
    """
    expected = (*visible.shape, 2)
    if (
        keypoints.shape != expected
        or truth.shape != expected
        or len(visible) != len(reference_lengths)
    ):
        raise ValueError(
            f"predictions {keypoints.shape}, truth {truth.shape}, visible {visible.shape} and "
            f"reference lengths {reference_lengths.shape} disagree; give (N, K, 2), (N, K, 2), "
            "(N, K) and (N,) for the same people and keypoints"
        )
    offsets = keypoints.astype(np.float64) - truth.astype(np.float64)
    distances = np.linalg.norm(offsets, axis=-1)  # (N, K)
    distances[np.isnan(keypoints).any(axis=-1)] = np.inf
    lengths = np.where(reference_lengths > 0, reference_lengths, np.nan).astype(np.float64)
    normalised: Floats = distances / lengths[:, None]
    normalised[visible <= 0] = np.nan
    return normalised


def reference_lengths(
    truth: Floats, visible: Floats, skeleton: Skeleton, reference: str = "torso"
) -> Floats:
    """Return the length that each person's errors are measured by.

    Args:
        truth: (N, K, 2) labels, pixels.
        visible: (N, K), 0 where a keypoint is not labelled.
        skeleton: What the keypoints are.
        reference: "torso" or "head", the distance of the skeleton's two keypoints of that name, or
            "box", the longest side of the box around the labelled keypoints.

    Returns:
        (N,) float64 pixels; NaN where a keypoint that the length needs is not labelled.

    Raises:
        ValueError: The reference is not known, or the skeleton does not have it.
    """
    pair = _reference_pair(skeleton, reference)
    if pair is None:
        return longest_side(box_of_points(truth, visible)).astype(np.float64)
    a, b = skeleton.indices(pair)
    lengths = np.linalg.norm(truth[:, a].astype(np.float64) - truth[:, b], axis=-1)  # (N,)
    labelled = (visible[:, a] > 0) & (visible[:, b] > 0)
    measured: Floats = np.where(labelled, lengths, np.nan)
    return measured


def _reference_pair(skeleton: Skeleton, reference: str) -> Pair | None:
    """Return the two keypoints of a reference; None for the box, which needs none."""
    _check_reference(reference)
    if reference == "box":
        return None
    pair = skeleton.torso if reference == "torso" else skeleton.head
    if pair is None:
        raise ValueError(
            f"skeleton '{skeleton.name}' has no {reference} to measure by; name its two keypoints "
            f"in the skeleton's '{reference}', or choose reference='box'"
        )
    return pair


def _check_reference(reference: str) -> None:
    if reference not in REFERENCES:
        raise ValueError(f"reference='{reference}' is not known; choose {', '.join(REFERENCES)}")


def pck_curve(distances: Floats, thresholds: Sequence[float] | Floats) -> Floats:
    """Return the percentage of labelled keypoints within each threshold.

    Args:
        distances: (...) normalised distances; NaN does not count at all.
        thresholds: (T,) in reference lengths.

    Returns:
        (T,) percent; NaN where no keypoint is labelled.
    """
    labelled = distances[~np.isnan(distances)]
    if not labelled.size:
        return np.full(len(thresholds), np.nan)
    return 100 * np.array([np.mean(labelled <= t + TOLERANCE) for t in thresholds])


@METRICS.register_module()
class PCK(Metric):
    """Percentage of correct keypoints, in total, per group of joints, and under the curve.

    Totals are micro means: every labelled keypoint counts once. On LSP, where nothing is missing,
    that is the mean over the joints as well. Intervals are bootstrapped over people.

    Args:
        thresholds: In reference lengths; the first is the headline and the groups' threshold.
        reference: "torso", "head" or "box"; see `reference_lengths`.
        auc_to: The last threshold of the area under the curve, which begins at 0.
        auc_steps: Thresholds of that area, both ends included.

    Raises:
        ValueError: A threshold is not positive, there are fewer than two steps, or the reference
            is not known.
    """

    def __init__(
        self,
        thresholds: Sequence[float] = (0.2, 0.1),
        reference: str = "torso",
        auc_to: float = 0.2,
        auc_steps: int = 21,
    ) -> None:
        _check_reference(reference)
        if not thresholds or min(*thresholds, auc_to, auc_to) <= 0:
            raise ValueError(
                f"thresholds={tuple(thresholds)} with auc_to={auc_to} cannot be scored; give one "
                "threshold at least, all positive fractions of the reference length"
            )
        if auc_steps < 2:
            raise ValueError(f"auc_steps={auc_steps} spans no area; give 2 or more")
        self.thresholds = tuple(thresholds)
        self.reference = reference
        self.auc_to = auc_to
        self.auc_steps = auc_steps

    def __call__(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Report:
        self._check_shapes(keypoints, truth, skeleton)
        lengths = reference_lengths(truth.keypoints, truth.visible, skeleton, self.reference)
        distances = normalised_distances(keypoints, truth.keypoints, truth.visible, lengths)
        scored = np.count_nonzero(~np.isnan(distances), axis=-1) > 0  # (N,)
        if not scored.any():
            raise ValueError(
                f"none of {len(truth)} people has a labelled keypoint and a {self.reference} to "
                "measure by; choose another reference or other people"
            )
        distances = distances[scored]
        hits, counts = self._tally(distances)
        names = [*(f"PCK@{t:g}" for t in self.thresholds), "AUC"]
        totals = 100 * hits.sum(axis=0) / counts.sum()
        ends = 100 * bootstrap_intervals(hits, counts, np.random.default_rng(0))
        values = dict(zip(names, totals.tolist(), strict=True))
        return Report(
            metric=self._specification(skeleton),
            values=values,
            columns=self._columns(distances, values, skeleton),
            people=int(scored.sum()),
            intervals={
                name: (low, high) for name, (low, high) in zip(names, ends.tolist(), strict=True)
            },
            notes=self._notes(lengths, scored),
        )

    def _check_shapes(self, keypoints: Floats, truth: People, skeleton: Skeleton) -> None:
        expected = (len(truth), skeleton.num_keypoints)
        if keypoints.shape != (*expected, 2) or truth.visible.shape != expected:
            raise ValueError(
                f"predictions {keypoints.shape} do not fit truth of {truth.visible.shape} people "
                f"and keypoints; skeleton '{skeleton.name}' needs {(*expected, 2)}"
            )

    def _tally(self, distances: Floats) -> tuple[Floats, Floats]:
        """Count hits.

        Returns:
            (N, thresholds + 1) hits per person, the last column the area under each person's
            curve, and (N,) labelled keypoints per person.
        """
        # The area is linear in the hits, so that one sum over people gives every total.
        grid = np.linspace(0, self.auc_to, self.auc_steps)
        trapezoid = np.ones(self.auc_steps)
        trapezoid[[0, -1]] = 0.5
        area = _hits(distances, grid) @ trapezoid / (self.auc_steps - 1)
        hits = np.column_stack([_hits(distances, self.thresholds), area])
        return hits, (~np.isnan(distances)).sum(axis=-1).astype(np.float64)

    def _columns(
        self, distances: Floats, values: dict[str, float], skeleton: Skeleton
    ) -> dict[str, float]:
        columns = {
            title: float(pck_curve(distances[:, skeleton.indices(names)], self.thresholds[:1])[0])
            for title, names in skeleton.groups.items()
        }
        headline, *others = values
        columns["Mean"] = values[headline]
        columns.update({name.removeprefix("PCK"): values[name] for name in others})
        return columns

    def _specification(self, skeleton: Skeleton) -> str:
        pair = _reference_pair(skeleton, self.reference)
        length = "-".join(pair) if pair else "longest side around the labelled joints"
        return (
            f"PCK@{self.thresholds[0]:g}[{self.reference}={length}, ≤, all labelled joints, "
            f"micro mean, AUC 0-{self.auc_to:g} in {self.auc_steps} thresholds, {VERSION}]"
        )

    def _notes(self, lengths: Floats, scored: NDArray[np.bool_]) -> tuple[str, ...]:
        missing, zero = np.isnan(lengths), lengths == 0
        unlabelled = ~scored & ~missing & ~zero
        reasons = {
            f"their {self.reference} is not labelled": int(missing.sum()),
            f"their {self.reference} has length zero": int(zero.sum()),
            "they have no labelled keypoint": int(unlabelled.sum()),
        }
        return tuple(
            f"{count} of {len(lengths)} people left out: {reason}"
            for reason, count in reasons.items()
            if count
        )


def _hits(distances: Floats, thresholds: Sequence[float] | Floats) -> Floats:
    """Count each person's keypoints within each threshold: (N, K) to (N, T)."""
    counts = [(distances <= t + TOLERANCE).sum(axis=-1) for t in thresholds]
    return np.stack(counts, axis=-1).astype(np.float64)
