"""EPE and NME: mean errors, in pixels and in reference lengths."""

from collections.abc import Mapping, Sequence

import numpy as np

from poseforge.evaluation.base import ComparableMetric, Report, Statistic, left_out
from poseforge.evaluation.distances import check_shapes, normalised_distances, pixel_distances
from poseforge.evaluation.intervals import numbers_with_intervals
from poseforge.evaluation.reference import (
    Reference,
    check_reference,
    describe_reference,
    reference_lengths,
)
from poseforge.registry import METRICS
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats

VERSION = "v1"


class MeanErrors(Statistic):
    """Mean errors of rows of keypoints.

    Args:
        errors: (N, K); what is not finite does not count.
        image_rows: (N,) the number of each person's image.
        rows: A name and the columns of `errors` that it covers.
    """

    def __init__(
        self, errors: Floats, image_rows: np.ndarray, rows: Mapping[str, Sequence[int]]
    ) -> None:
        self.names = tuple(rows)
        self.num_images = int(image_rows.max(initial=-1)) + 1
        member = np.zeros((errors.shape[1], len(rows)))
        for row, columns in enumerate(rows.values()):
            member[list(columns), row] = 1
        finite = np.isfinite(errors)
        self._sums = np.zeros((self.num_images, len(rows)))
        self._counts = np.zeros_like(self._sums)
        np.add.at(self._sums, image_rows, np.where(finite, errors, 0) @ member)
        np.add.at(self._counts, image_rows, finite @ member)

    def __call__(self, weights: Floats) -> Floats:
        with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: nothing to score
            means: Floats = (weights @ self._sums) / (weights @ self._counts)
        return means


class MeanError(ComparableMetric):
    """The mean distance between predictions and truth, over all labelled keypoints.

    A keypoint that is not predicted (NaN) has no distance: it is left out, and a note says how many
    there are.

    Args:
        name: What the number is called.
        reference: What distances are measured in; see `evaluation.reference`.
        factor: What the mean is multiplied with.
    """

    higher_is_better = False

    def __init__(self, name: str, reference: Reference | Sequence[str], factor: float) -> None:
        self.name = name
        self.reference = check_reference(reference)
        self.factor = factor

    def statistic(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> MeanErrors:
        return self._statistic(self._errors(keypoints, truth, skeleton), truth, skeleton)

    def __call__(
        self, keypoints: Floats, scores: Floats, truth: People, skeleton: Skeleton
    ) -> Report:
        errors = self._errors(keypoints, truth, skeleton)
        people = int(np.isfinite(errors).any(axis=-1).sum())
        if not people:
            raise ValueError(
                f"none of {len(truth)} people has a labelled and predicted keypoint that "
                f"{self.specification(skeleton)} could measure; choose another reference or people"
            )
        statistic = self._statistic(errors, truth, skeleton)
        found = numbers_with_intervals(statistic)
        mean, interval = found[self.name]
        return Report(
            metric=self.specification(skeleton),
            values={self.name: mean},
            intervals={self.name: interval},
            columns={title: found[title][0] for title in skeleton.groups} | {"Mean": mean},
            people=people,
            notes=self._notes(errors, truth),
            joints={name: found[name][0] for name in skeleton.keypoints},
            joint_intervals={name: found[name][1] for name in skeleton.keypoints},
            higher_is_better=False,
        )

    def specification(self, skeleton: Skeleton) -> str:
        """Return the protocol in one line, with everything that changes the number."""
        return (
            f"{self.name}[{describe_reference(skeleton, self.reference)}, all labelled joints, "
            f"micro mean, {VERSION}]"
        )

    def _errors(self, keypoints: Floats, truth: People, skeleton: Skeleton) -> Floats:
        check_shapes(keypoints, truth, skeleton)
        distances = pixel_distances(keypoints, truth.keypoints, truth.visible)
        lengths = reference_lengths(truth, skeleton, self.reference)
        return self.factor * normalised_distances(distances, lengths)

    def _statistic(self, errors: Floats, truth: People, skeleton: Skeleton) -> MeanErrors:
        rows = {
            self.name: range(skeleton.num_keypoints),
            **{title: skeleton.indices(names) for title, names in skeleton.groups.items()},
            **{name: [row] for row, name in enumerate(skeleton.keypoints)},
        }
        return MeanErrors(errors, truth.image_rows, rows)

    def _notes(self, errors: Floats, truth: People) -> tuple[str, ...]:
        unmeasured = int(np.isnan(errors[(truth.visible > 0)]).sum())
        missing = int(np.isinf(errors).sum())
        labelled = int((truth.visible > 0).sum())
        reasons = {"they are not predicted": missing, "their person has no reference": unmeasured}
        return left_out(reasons, f"{labelled} labelled keypoints")


@METRICS.register_module()
class EPE(MeanError):
    """Mean end-point error, in pixels of the image."""

    def __init__(self) -> None:
        super().__init__("EPE px", "pixels", 1)


@METRICS.register_module()
class NME(MeanError):
    """Normalised mean error: the mean end-point error in percent of a reference length.

    Args:
        reference: "box_area" (the square root of the area around the labelled keypoints), or
            another one, such as the two outer corners of the eyes; see `evaluation.reference`.

    Raises:
        ValueError: The reference is not known.
    """

    def __init__(self, reference: Reference | Sequence[str] = "box_area") -> None:
        super().__init__("NME %", reference, 100)
