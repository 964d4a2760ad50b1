"""Sigmas under which everybody looks good, found before anyone trains for them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.mean_pose import paste
from poseforge.evaluation.oks import areas_of, oks_distances
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import sides_of

# COCO's loosest threshold. A pose that was made without a look at the picture and is this similar
# on average counts as found for a typical person. With COCO's sigmas the mean pose has 0.16 on COCO
# and 0.33 on LSP; with sigmas three times as large, 0.54 and 0.76.
HIGHEST_SIMILARITY = 0.5

# "Most people" of a finding about two neighbouring joints.
MOST = 0.5


def check_sigmas(sigmas: Floats, people: People, skeleton: Skeleton) -> tuple[str, ...]:
    """Say what is wrong with a skeleton's sigmas; nothing if nothing is.

    Two poses that are useless by construction are scored: the mean pose stretched into each
    person's box, and the truth with left and right exchanged, by its paired joints alone. Then a
    joint's reach, the distance at which its similarity is still 0.5, is held against the distance
    to the joints that it is linked to.

    Args:
        sigmas: (K,) to be checked.
        people: The truth that they shall be used with.
        skeleton: What the keypoints are; its own sigmas are not looked at.

    Raises:
        ValueError: There is not one positive sigma for each keypoint, nobody has a labelled
            keypoint, or only some people have an area.
    """
    if len(sigmas) != skeleton.num_keypoints or not np.all(np.asarray(sigmas) > 0):
        raise ValueError(
            f"{len(sigmas)} sigmas cannot be checked for skeleton '{skeleton.name}'; give "
            f"{skeleton.num_keypoints} positive numbers, one for each keypoint"
        )
    areas = areas_of(people)
    kept = people.to_find & (areas > 0) & (sides_of(people.boxes) > 0).all(axis=-1)
    if not kept.any():
        raise ValueError(
            f"none of {len(people)} people has a labelled keypoint, an area and a box to check "
            "sigmas by; give other people"
        )
    people, areas = people[kept], areas[kept]
    reach = oks_distances(HIGHEST_SIMILARITY, areas, sigmas)  # (N, K)
    return (*_useless_poses(people, skeleton, reach), *_neighbours(people, skeleton, reach))


def _useless_poses(people: People, skeleton: Skeleton, reach: Floats) -> Iterator[str]:
    labelled = people.visible > 0
    partner = skeleton.flip_indices
    paired = labelled & labelled[:, partner] & (partner != np.arange(len(partner)))
    guess = paste(_mean_in_boxes(people), people.boxes)
    for title, poses, counted in (
        ("the mean pose stretched into each box", guess, labelled),
        ("the true pose with left and right exchanged", people.keypoints[:, partner], paired),
    ):
        similarity = _mean_similarity(_distances(poses, people.keypoints), reach, counted)
        if similarity > HIGHEST_SIMILARITY:
            yield (
                f"{title} has a mean OKS of {similarity:.2f}, above {HIGHEST_SIMILARITY:g}: with "
                f"these sigmas of '{skeleton.name}' a useless prediction counts as found"
            )


def _neighbours(people: People, skeleton: Skeleton, reach: Floats) -> Iterator[str]:
    labelled = people.visible > 0
    links = [*skeleton.link_indices, *((b, a) for a, b in skeleton.link_indices)]
    for joint, name in enumerate(skeleton.keypoints):
        confused = []
        for neighbour in (b for a, b in links if a == joint):
            both = labelled[:, joint] & labelled[:, neighbour]
            apart = _distances(people.keypoints[both, joint], people.keypoints[both, neighbour])
            share = float(np.mean(reach[both, joint] > apart)) if both.any() else 0.0
            if share > MOST:
                confused.append(f"{skeleton.keypoints[neighbour]} ({share:.0%} of the people)")
        if confused:
            yield (
                f"{name} may be where {' or '.join(confused)} is and still have a similarity above "
                f"{HIGHEST_SIMILARITY:g}: its sigma is too large to tell them apart"
            )


def _mean_in_boxes(people: People) -> Floats:
    """Return (K, 2) the mean of each labelled joint in units of the people's own boxes.

    Unlike the floor of the tables this needs nobody with every joint labelled.
    """
    labelled = (people.visible > 0)[..., None]
    corners = people.boxes[:, None, :2].astype(np.float64)
    relative = (people.keypoints - corners) / sides_of(people.boxes)[:, None]
    total = np.where(labelled, relative, 0).sum(axis=0)
    mean: Floats = total / np.maximum(labelled.sum(axis=0), 1)
    return mean


def _mean_similarity(distances: Floats, reach: Floats, counted: NDArray[np.bool_]) -> float:
    """Return the mean over people of their mean over joints; 0 without any joint."""
    someone = counted.any(axis=-1)
    if not someone.any():
        return 0.0
    # A joint that is as far away as its reach has the reach's similarity, by definition.
    similarity = HIGHEST_SIMILARITY ** ((distances / reach) ** 2) * counted
    return float(np.mean(similarity[someone].sum(axis=-1) / counted[someone].sum(axis=-1)))


def _distances(points: Floats, others: Floats) -> Floats:
    distances: Floats = np.linalg.norm(points.astype(np.float64) - others, axis=-1)
    return distances
