"""What is wrong with each joint: jitter, inversion, swap or miss.

The kinds are those of Ronchi and Perona, "Benchmarking and Error Diagnosis in Multi-Instance Pose
Estimation", ICCV 2017, for any skeleton and any measure that says how near is near enough.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.oks import areas_of, oks_distances, sigmas_of
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats


class Kind(IntEnum):
    """What a prediction is, for a labelled joint."""

    UNSCORED = -1
    GOOD = 0
    JITTER = 1
    INVERSION = 2
    SWAP = 3
    MISS = 4


ERRORS = (Kind.JITTER, Kind.INVERSION, Kind.SWAP, Kind.MISS)

# The similarities that bound good and jitter in the paper.
GOOD_SIMILARITY, JITTER_SIMILARITY = 0.85, 0.5
# So far, in tolerances, a prediction belongs to a joint: 2.065. Where the tolerance is the distance
# of similarity 0.85, this is that of 0.5.
REACH = float(np.sqrt(np.log(JITTER_SIMILARITY) / np.log(GOOD_SIMILARITY)))

# A distance of exactly the tolerance is good, whatever the last bit says.
ROUNDING = 1e-12


def error_kinds(
    keypoints: Floats, truth: People, skeleton: Skeleton, tolerances: Floats
) -> NDArray[np.int8]:
    """Say what each predicted joint is.

    Within its tolerance a joint is good, whatever else is near: what the measure counts as right
    is no error. (The paper's code lets a joint of someone else that is nearer still win.) Any other
    joint belongs to the nearest of these labelled joints, each distance taken in units of that
    joint's own tolerance, and of equals to the first:

    1. the joint itself: jitter;
    2. its mirrored partner on the same person: inversion;
    3. the same joint or its partner on another person of the image: swap.

    If even that one is farther than `REACH` tolerances, or nothing was predicted (NaN), it is a
    miss.

    Args:
        keypoints: (N, K, 2) predictions, pixels; NaN is a miss.
        truth: The N people in the same order; those of an image have the same image name.
        skeleton: What the keypoints are.
        tolerances: (N, K) pixels within which a joint is good: threshold times reference length
            for PCK and its like, `oks_tolerances` for OKS.

    Returns:
        (N, K) int8 of `Kind`; UNSCORED where nothing is labelled, the tolerance is NaN or not
        positive, or the person is a crowd.

    Raises:
        ValueError: The arrays disagree in shape.
    """
    expected = (len(truth), skeleton.num_keypoints)
    if keypoints.shape != (*expected, 2) or tolerances.shape != expected:
        raise ValueError(
            f"predictions {keypoints.shape} and tolerances {tolerances.shape} do not fit "
            f"{expected[0]} people with {expected[1]} keypoints; give (N, K, 2) and (N, K)"
        )
    scored = (truth.visible > 0) & (tolerances > 0) & ~truth.is_crowd[:, None]
    reach = np.where(scored, tolerances, np.nan).astype(np.float64)
    partner = skeleton.flip_indices
    own = _offsets(keypoints, truth.keypoints, reach)
    mirrored = _offsets(keypoints, truth.keypoints[:, partner], reach[:, partner])
    others = _nearest_other(keypoints, truth, reach, partner)
    candidates = np.stack([own, mirrored, others])
    kinds: NDArray[np.int8] = (candidates.argmin(axis=0) + Kind.JITTER).astype(np.int8)
    kinds[candidates.min(axis=0) > REACH * (1 + ROUNDING)] = Kind.MISS
    kinds[own <= 1 + ROUNDING] = Kind.GOOD
    kinds[~scored] = Kind.UNSCORED
    return kinds


def _offsets(keypoints: Floats, joints: Floats, reach: Floats) -> Floats:
    """Return distances in tolerances; infinite where there is no prediction or no joint."""
    distances = np.linalg.norm(keypoints.astype(np.float64) - joints, axis=-1) / reach
    return np.where(np.isnan(distances), np.inf, distances)


def _nearest_other(
    keypoints: Floats, truth: People, reach: Floats, partner: NDArray[np.int64]
) -> Floats:
    """Return (N, K) the offset to the nearest joint, or its partner, of anyone else in the image.

    Everyone is held against the next person of the image, then against the next but one, and so on
    around the image: as many steps as the fullest image has people.
    """
    nearest = np.full(reach.shape, np.inf)
    order = np.argsort(truth.image_rows, kind="stable")
    images = truth.image_rows[order]
    first = np.searchsorted(images, images)
    place = np.arange(len(order)) - first
    people = np.bincount(images, minlength=1)[images]
    for step in range(1, people.max(initial=1)):
        crowded = np.flatnonzero(people > step)
        rows = order[crowded]
        other = order[first[crowded] + (place[crowded] + step) % people[crowded]]
        for joints in (np.arange(len(partner)), partner):
            offsets = _offsets(
                keypoints[rows], truth.keypoints[other][:, joints], reach[other][:, joints]
            )
            nearest[rows] = np.minimum(nearest[rows], offsets)
    return nearest


def oks_tolerances(truth: People, skeleton: Skeleton) -> Floats:
    """Return (N, K) pixels at which a joint's similarity is 0.85, the paper's limit of good.

    Raises:
        ValueError: The skeleton has no sigmas, or only some people have an area.
    """
    return oks_distances(GOOD_SIMILARITY, areas_of(truth), sigmas_of(skeleton))


def mend(keypoints: Floats, truth: People, kinds: NDArray[np.int8], kind: Kind) -> Floats:
    """Return the predictions (N, K, 2) with the joints of one kind put on the truth."""
    mended: Floats = np.where((kinds == kind)[..., None], truth.keypoints, keypoints)
    return mended


def best_sides(keypoints: Floats, truth: People, skeleton: Skeleton, tolerances: Floats) -> Floats:
    """Return the predictions (N, K, 2), a pair exchanged where more of it is then good.

    So what a model has mistaken for the other side counts as found: each left and right joint by
    themselves, whatever the others are. Of equals the pair stays as it is.

    Args:
        keypoints: (N, K, 2) predictions, pixels; NaN is found nowhere.
        truth: The N people in the same order.
        skeleton: What the keypoints are.
        tolerances: (N, K) pixels within which a joint is good; NaN where it is not scored.
    """
    partner = skeleton.flip_indices
    exchanged = keypoints[:, partner]
    straight, crossed = (
        _offsets(points, truth.keypoints, tolerances) <= 1 + ROUNDING
        for points in (keypoints, exchanged)
    )
    gain = np.where(truth.visible > 0, crossed.astype(int) - straight, 0)  # (N, K)
    best: Floats = np.where((gain + gain[:, partner] > 0)[..., None], exchanged, keypoints)
    return best


def worst_people(kinds: NDArray[np.int8], kind: Kind, count: int) -> NDArray[np.int64]:
    """Return the rows of at most `count` people with the most joints of a kind, worst first.

    Nobody without such a joint is among them; of equals the earlier row comes first.
    """
    joints = np.count_nonzero(kinds == kind, axis=-1)
    worst: NDArray[np.int64] = np.argsort(-joints, kind="stable")[:count]
    erring: NDArray[np.int64] = worst[joints[worst] > 0]
    return erring
