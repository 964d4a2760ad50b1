"""Reference lengths: what a person's errors are measured by."""

from collections.abc import Sequence

import numpy as np

from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points, longest_side, sides_of
from poseforge.structures.skeleton import Pair

MEANINGS = {
    "torso": "the skeleton's torso",
    "head": "the skeleton's head",
    "head_box": "0.6 x the diagonal of the annotated head box",
    "box": "longest side around the labelled joints",
    "box_area": "square root of the area around the labelled joints",
    "pixels": "1 px",
}

Reference = str | Pair


def check_reference(reference: Reference | Sequence[str]) -> Reference:
    """Return a reference as a name or a pair of keypoints.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(reference, str):
        if reference not in MEANINGS:
            raise ValueError(
                f"reference='{reference}' is not known; choose {', '.join(MEANINGS)} or a pair of "
                "keypoints"
            )
        return reference
    if len(reference) != 2 or not all(isinstance(name, str) for name in reference):
        raise ValueError(f"reference={reference!r} is not the names of two keypoints")
    first, second = reference
    return first, second


def reference_pair(skeleton: Skeleton, reference: Reference) -> Pair | None:
    """Return the two keypoints whose distance is the reference; None where it is another length.

    Raises:
        ValueError: The skeleton does not have them.
    """
    if not isinstance(reference, str):
        unknown = [name for name in reference if name not in skeleton.keypoints]
        if unknown:
            raise ValueError(
                f"skeleton '{skeleton.name}' has no keypoint '{unknown[0]}' to measure by; it has "
                f"{', '.join(skeleton.keypoints)}"
            )
        return reference
    if reference not in ("torso", "head"):
        return None
    pair = skeleton.torso if reference == "torso" else skeleton.head
    if pair is None:
        raise ValueError(
            f"skeleton '{skeleton.name}' has no {reference} to measure by; name its two keypoints "
            f"in the skeleton's '{reference}', or choose reference='box'"
        )
    return pair


def describe_reference(skeleton: Skeleton, reference: Reference) -> str:
    """Return the reference as a specification prints it."""
    pair = reference_pair(skeleton, reference)
    if not isinstance(reference, str):
        return "-".join(reference)
    return f"{reference}={'-'.join(pair) if pair else MEANINGS[reference]}"


def reference_lengths(truth: People, skeleton: Skeleton, reference: Reference) -> Floats:
    """Return the length that each person's errors are measured by.

    Args:
        truth: N people.
        skeleton: What their keypoints are.
        reference: One of `MEANINGS`, or the two keypoints whose distance it is.

    Returns:
        (N,) float64 pixels; NaN where a keypoint that the length needs is not labelled, or the
        head's size is not known.

    Raises:
        ValueError: The skeleton or the data set does not have the reference.
    """
    pair = reference_pair(skeleton, reference)
    if pair is not None:
        a, b = skeleton.indices(pair)
        offsets = truth.keypoints[:, a].astype(np.float64) - truth.keypoints[:, b]
        labelled = (truth.visible[:, [a, b]] > 0).all(axis=-1)
        return np.where(labelled, np.hypot(offsets[:, 0], offsets[:, 1]), np.nan)
    if reference == "pixels":
        return np.ones(len(truth))
    if reference == "head_box":
        return _head_sizes(truth)
    boxes = box_of_points(truth.keypoints, truth.visible).astype(np.float64)  # (N, 4)
    if reference == "box":
        return longest_side(boxes)
    lengths: Floats = np.sqrt(sides_of(boxes).prod(axis=-1))
    return lengths


def _head_sizes(truth: People) -> Floats:
    if not len(truth.head_sizes):
        raise ValueError(
            "these people have no head boxes to measure by; use truth that has them, such as "
            "MPII's, or choose another reference"
        )
    return truth.head_sizes.astype(np.float64)
