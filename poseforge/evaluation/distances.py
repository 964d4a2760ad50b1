"""Distances between predictions and truth."""

import numpy as np

from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats


def pixel_distances(keypoints: Floats, truth: Floats, visible: Floats) -> Floats:
    """Return how far each prediction is from its label.

    Args:
        keypoints: (N, K, 2) predictions, pixels.
        truth: (N, K, 2) labels, pixels.
        visible: (N, K), 0 where a keypoint is not labelled.

    Returns:
        (N, K) float64 pixels: infinite where the prediction is NaN, NaN where nothing is labelled
        or the label is NaN.

    Raises:
        ValueError: The arrays disagree in shape.
    """
    expected = (*visible.shape, 2)
    if keypoints.shape != expected or truth.shape != expected:
        raise ValueError(
            f"predictions {keypoints.shape}, truth {truth.shape} and visible {visible.shape} "
            "disagree; give (N, K, 2), (N, K, 2) and (N, K) for the same people and keypoints"
        )
    x = keypoints[..., 0].astype(np.float64) - truth[..., 0]
    y = keypoints[..., 1].astype(np.float64) - truth[..., 1]
    distances = np.sqrt(x * x + y * y)
    distances[np.isnan(distances)] = np.inf
    distances[(visible <= 0) | np.isnan(truth).any(axis=-1)] = np.nan
    return distances


def normalised_distances(distances: Floats, reference_lengths: Floats) -> Floats:
    """Return distances (N, K) in units of (N,) reference lengths.

    They are NaN for a person whose reference length is missing (NaN) or zero.
    """
    usable = np.where(reference_lengths > 0, reference_lengths, np.nan)
    return distances / usable[:, None]


def check_shapes(keypoints: Floats, truth: People, skeleton: Skeleton) -> None:
    """Refuse predictions that are not for these people and this skeleton.

    Raises:
        ValueError: The shapes do not fit.
    """
    expected = (len(truth), skeleton.num_keypoints)
    if keypoints.shape != (*expected, 2) or truth.visible.shape != expected:
        raise ValueError(
            f"predictions {keypoints.shape} do not fit truth of {truth.visible.shape} people "
            f"and keypoints; skeleton '{skeleton.name}' needs {(*expected, 2)}"
        )
