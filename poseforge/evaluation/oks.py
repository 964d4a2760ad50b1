"""Object keypoint similarity (OKS): how alike a pose and a person are, from 0 to 1.

The definition is COCO's, https://cocodataset.org/#keypoints-eval; its constants are derived in
Ronchi and Perona, "Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation", ICCV 2017.
"""

import numpy as np

from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import sides_of

# The share of their box that a person's segment covers, as CrowdPose's evaluation takes it (Li et
# al., "CrowdPose", CVPR 2019), whose people have no segments.
SEGMENT_OF_BOX = 0.53


def oks(
    keypoints: Floats, truth: Floats, visible: Floats, areas: Floats, boxes: Floats, sigmas: Floats
) -> Floats:
    """Return the similarity of every pose to every person.

    Args:
        keypoints: (M, K, 2) poses, pixels.
        truth: (N, K, 2) labels, pixels.
        visible: (N, K), 0 where a joint is not labelled.
        areas: (N,) px² of the people's segments.
        boxes: (N, 4) x1 y1 x2 y2, pixels.
        sigmas: (K,) standard deviations of the joints' labels over the square root of the area.

    Returns:
        (M, N) float64, as `oks_of_pairs` defines it.
    """
    shape = len(keypoints), len(truth)
    poses, people = np.indices(shape).reshape(2, -1)
    return oks_of_pairs(
        keypoints[poses],
        truth[people],
        visible[people],
        areas[people],
        boxes[people],
        sigmas,
    ).reshape(shape)


def oks_of_pairs(
    keypoints: Floats, truth: Floats, visible: Floats, areas: Floats, boxes: Floats, sigmas: Floats
) -> Floats:
    """Return the similarity of each pose to the person of the same row, (P,) float64.

    It is the mean over the person's labelled joints of exp(-d² / (2 area (2 sigma)²)). A person
    without any labelled joint is similar to what lies within the doubled box: there d is each
    joint's distance to that box, and the mean is over all joints. An infinite or NaN prediction is
    similar to nothing.

    Args:
        keypoints: (P, K, 2) poses, pixels.
        truth: (P, K, 2) labels, pixels.
        visible: (P, K), 0 where a joint is not labelled.
        areas: (P,) px² of the people's segments.
        boxes: (P, 4) x1 y1 x2 y2, pixels.
        sigmas: (K,) standard deviations of the joints' labels over the square root of the area.
    """
    poses = keypoints.astype(np.float64)
    counted = np.asarray(visible > 0)  # (P, K)
    without = ~counted.any(axis=-1)  # (P,)
    counted[without] = True
    offsets = poses - truth.astype(np.float64)  # (P, K, 2)
    offsets[without] = _outside(poses[without], boxes[without].astype(np.float64))
    scales = areas.astype(np.float64)[:, None] + np.spacing(1.0)  # (P, 1), never zero
    squares = offsets[..., 0] ** 2 + offsets[..., 1] ** 2
    similarity = np.exp(-(squares / (2 * np.asarray(sigmas)) ** 2 / scales / 2))
    similarity[~counted | np.isnan(similarity)] = 0
    mean: Floats = similarity.sum(axis=-1) / counted.sum(axis=-1)
    return mean


def _outside(poses: Floats, boxes: Floats) -> Floats:
    """Return (P, K, 2) how far joints lie outside the doubled boxes, 0 within."""
    sides = sides_of(boxes)[:, None]  # (P, 1, 2)
    low, high = boxes[:, None, :2] - sides, boxes[:, None, 2:] + sides
    outside: Floats = np.maximum(low - poses, 0) + np.maximum(poses - high, 0)
    return outside


def oks_distances(similarity: float, areas: Floats, sigmas: Floats) -> Floats:
    """Return (N, K) how many pixels away a joint has that similarity.

    Args:
        similarity: Between 0 and 1.
        areas: (N,) px².
        sigmas: (K,) as in `oks`.
    """
    scales = np.sqrt(areas.astype(np.float64))[:, None]
    distances: Floats = scales * 2 * np.asarray(sigmas) * np.sqrt(-2 * np.log(similarity))
    return distances


def sigmas_of(skeleton: Skeleton) -> Floats:
    """Return a skeleton's (K,) sigmas.

    Raises:
        ValueError: It has none, or one that is not positive.
    """
    if not skeleton.sigmas or not min(skeleton.sigmas) > 0:
        raise ValueError(
            f"skeleton '{skeleton.name}' has no positive OKS sigma for every keypoint; estimate "
            "them with `poseforge data sigmas` and give them to the skeleton"
        )
    return np.array(skeleton.sigmas, dtype=np.float64)


def areas_of(people: People) -> Floats:
    """Return (N,) px²: the people's segments, or 0.53 of their boxes where nobody has drawn any.

    Raises:
        ValueError: Only some people have an area.
    """
    if not len(people.areas):
        width, height = np.moveaxis(sides_of(people.boxes.astype(np.float64)), -1, 0)
        shares: Floats = SEGMENT_OF_BOX * width * height
        return shares
    missing = np.isnan(people.areas)
    if missing.any():
        raise ValueError(
            f"{int(missing.sum())} of {len(people)} people have no area, and OKS must scale "
            "everyone alike; give every person one, or none to use 0.53 of the boxes"
        )
    return people.areas.astype(np.float64)
