import time
from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.errors import (
    REACH,
    Kind,
    best_sides,
    error_kinds,
    mend,
    oks_tolerances,
    worst_people,
)
from poseforge.evaluation.oks import oks
from poseforge.structures import SKELETONS, People, Skeleton
from tests.evaluation.coco_scenes import perturbed, random_people

COCO17 = SKELETONS["coco17"]
BIRD = Skeleton("bird", ("left", "right", "beak"), pairs=(("left", "right"),))

# Two birds in one image; tolerance 1 px for the first, 2 px for the second.
TRUTH = np.array([[(0, 0), (10, 0), (5, 10)], [(40, 0), (50, 0), (45, 10)]], dtype=np.float32)
TOLERANCES = np.array([[1.0] * 3, [2.0] * 3])


def birds(keypoints=TRUTH, images=("a", "a"), visible=None, crowd=None):
    count = len(keypoints)
    return People(
        image_paths=np.array([], dtype=str),
        keypoints=keypoints.astype(np.float32),
        visible=np.full((count, 3), 2.0) if visible is None else visible,
        boxes=np.zeros((count, 4), dtype=np.float32),
        ids=np.arange(count).astype(str),
        image_ids=np.array(images),
        crowd=np.zeros(count, dtype=bool) if crowd is None else crowd,
    )


def kind_of(at, *, joint=0, person=0, **people):
    """The kind of one joint that is predicted at a place; everything else is on the truth."""
    keypoints = TRUTH.astype(float)
    keypoints[person, joint] = at
    kinds = error_kinds(keypoints, birds(**people), BIRD, TOLERANCES)
    others = np.delete(kinds.ravel(), 3 * person + joint)
    assert set(others) <= {Kind.GOOD, Kind.UNSCORED}
    return Kind(kinds[person, joint])


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        ((0, 0), Kind.GOOD),
        ((1, 0), Kind.GOOD),  # exactly the tolerance
        ((1.01, 0), Kind.JITTER),
        ((0, -2.06), Kind.JITTER),  # within 2.065 tolerances
        ((0, -2.07), Kind.MISS),
        ((10, 0), Kind.INVERSION),
        ((10, -2.06), Kind.INVERSION),
        ((10, -2.07), Kind.MISS),
        ((5, 10), Kind.MISS),  # the beak is no partner of a wing
        ((40, 0), Kind.SWAP),  # the same wing of the other
        ((50, 4.1), Kind.SWAP),  # the other's other wing, at the other's tolerance
        ((50, 4.2), Kind.MISS),
        ((45, 10), Kind.MISS),
        ((np.nan, np.nan), Kind.MISS),
        ((0, np.nan), Kind.MISS),
    ],
)
def test_kinds(at, kind):
    assert kind_of(at) == kind


def test_a_person_has_the_own_tolerance():
    assert kind_of((42, 0), person=1) == Kind.GOOD
    assert kind_of((44, 0), person=1) == Kind.JITTER
    assert kind_of((0, 2), person=1) == Kind.SWAP  # within 2.065 of the other's 1 px
    assert kind_of((0, 2.1), person=1) == Kind.MISS


def test_an_unpaired_joint_has_no_inversion():
    assert kind_of((10, 0), joint=2) == Kind.MISS
    assert kind_of((45, 10), joint=2) == Kind.SWAP


def test_only_people_of_the_same_image_are_swapped():
    assert kind_of((40, 0), images=("a", "b")) == Kind.MISS


def test_joints_without_a_label_attract_nobody():
    visible = np.array([[2, 0, 2], [0, 2, 2]])
    assert kind_of((10, 0), visible=visible) == Kind.MISS
    assert kind_of((40, 0), visible=visible) == Kind.MISS
    assert kind_of((50, 0), visible=visible) == Kind.SWAP
    assert kind_of((0, 0), joint=1, visible=visible) == Kind.UNSCORED


def test_crowds_are_left_out():
    crowd = np.array([False, True])
    assert kind_of((40, 0), crowd=crowd) == Kind.MISS
    assert kind_of((40, 0), person=1, crowd=crowd) == Kind.UNSCORED


def test_people_without_a_tolerance_are_not_scored():
    tolerances = TOLERANCES.copy()
    tolerances[0, 0], tolerances[0, 1] = np.nan, 0
    kinds = error_kinds(TRUTH, birds(), BIRD, tolerances)
    assert kinds.dtype == np.int8
    assert kinds.tolist() == [[-1, -1, 0], [0, 0, 0]]


def test_beyond_good_the_nearest_joint_wins():
    # The wings are 3 px apart, so that both are within reach of what lies between.
    near = TRUTH.copy()
    near[0, 1] = (3, 0)
    people = birds(near)

    def between(x):
        keypoints = near.astype(float)
        keypoints[0, 0] = (x, 0)
        return error_kinds(keypoints, people, BIRD, TOLERANCES)[0, 0]

    assert between(1.4) == Kind.JITTER
    assert between(1.5) == Kind.JITTER  # of equals the joint itself
    assert between(1.6) == Kind.INVERSION
    # What is good stays good, even with the partner's label on the spot.
    near[0, 1] = (0.5, 0)
    assert between(0.5) == Kind.GOOD


def test_another_person_wins_only_by_being_nearer():
    near = TRUTH.copy()
    near[1, 0] = (3, 0)  # tolerance 2, so equal offsets are at 1 px
    near[0, 1] = (100, 100)

    def at(x):
        keypoints = near.astype(float)
        keypoints[0, 0] = (x, 0)
        return error_kinds(keypoints, birds(near), BIRD, TOLERANCES)[0, 0]

    assert at(0.99) == Kind.GOOD
    assert at(1.01) == Kind.SWAP
    near[1, 0] = (4, 0)  # equal offsets at 4/3 px
    assert at(1.3) == Kind.JITTER
    assert at(1.4) == Kind.SWAP


def similarities(pose, person, skeleton):
    """Similarity of every single joint to its counterpart on a person."""
    found = np.full(len(pose), -1.0)
    for k in np.flatnonzero(person.visible[0] > 0):
        one = (slice(None), slice(k, k + 1))
        found[k] = oks(
            pose[None, k : k + 1],
            person.keypoints[one],
            person.visible[one],
            person.areas,
            person.boxes,
            np.array(skeleton.sigmas[k : k + 1]),
        )[0, 0]
    return found


def mirrored(person, skeleton):
    flip = skeleton.flip_indices
    return replace(person, keypoints=person.keypoints[:, flip], visible=person.visible[:, flip])


def most_similar(own, inverted, swapped):
    best = max(own, inverted, swapped)
    if own >= 0.85:
        return Kind.GOOD
    if best < 0.5:
        return Kind.MISS
    if best == own:
        return Kind.JITTER
    return Kind.INVERSION if best == inverted else Kind.SWAP


def test_oks_kinds_are_those_of_the_paper_by_brute_force():
    rng = np.random.default_rng(0)
    people = random_people(rng, 25, 17)
    people = replace(people, crowd=np.zeros(len(people), dtype=bool))
    detections = perturbed(people, rng, copies=1, noise=0.1)
    keypoints = np.empty_like(people.keypoints)
    for row in range(len(people)):  # a pose of the person's own image, often someone else's
        keypoints[row] = detections.keypoints[
            rng.choice(np.flatnonzero(detections.image_ids == people.image_ids[row]))
        ]
    found = error_kinds(keypoints, people, COCO17, oks_tolerances(people, COCO17))
    for row in range(len(people)):
        self, pose = people[[row]], keypoints[row]
        own = similarities(pose, self, COCO17)
        inverted = similarities(pose, mirrored(self, COCO17), COCO17)
        swapped = np.full(17, -1.0)
        for other in np.flatnonzero(people.image_ids == people.image_ids[row]):
            if other != row:
                person = people[[other]]
                for candidate in (person, mirrored(person, COCO17)):
                    swapped = np.maximum(swapped, similarities(pose, candidate, COCO17))
        for k in range(17):
            labelled = people.visible[row, k] > 0
            expected = most_similar(own[k], inverted[k], swapped[k]) if labelled else Kind.UNSCORED
            assert found[row, k] == expected
    assert all((found == kind).sum() >= 5 for kind in Kind)


def test_swapped_sides_are_inversions():
    people = random_people(np.random.default_rng(1), 20, 17)
    people = people[np.unique(people.image_rows, return_index=True)[1]]
    people = replace(people, visible=np.full(people.visible.shape, 2), crowd=np.empty(0))
    spread = np.random.default_rng(2).permuted(
        np.tile(np.arange(17.0), (len(people), 1)), axis=1
    )  # every joint in a row of its own, far from all others
    keypoints = np.stack([np.zeros_like(spread), spread], axis=-1) * 100
    people = replace(people, keypoints=keypoints.astype(np.float32))
    tolerances = np.ones(people.visible.shape)
    kinds = error_kinds(keypoints[:, COCO17.flip_indices], people, COCO17, tolerances)
    assert (kinds[:, 0] == Kind.GOOD).all()  # the nose
    assert (kinds[:, 1:] == Kind.INVERSION).all()


def test_mend_touches_one_kind_only():
    keypoints = TRUTH.astype(float)
    keypoints[0, 0], keypoints[0, 1], keypoints[1, 2] = (10, 0), (0, 0), np.nan
    before = keypoints.copy()
    kinds = error_kinds(keypoints, birds(), BIRD, TOLERANCES)
    inversions = mend(keypoints, birds(), kinds, Kind.INVERSION)
    np.testing.assert_array_equal(inversions[0], TRUTH[0])
    np.testing.assert_array_equal(inversions[1], keypoints[1])
    misses = mend(inversions, birds(), kinds, Kind.MISS)
    np.testing.assert_array_equal(misses, TRUTH)
    np.testing.assert_array_equal(keypoints, before)


def test_worst_people():
    kinds = np.array([[0, 4, 0], [4, 4, -1], [0, 0, 1], [4, 0, 0], [4, 4, 4]], dtype=np.int8)
    assert worst_people(kinds, Kind.MISS, 3).tolist() == [4, 1, 0]
    assert worst_people(kinds, Kind.MISS, 10).tolist() == [4, 1, 0, 3]
    assert worst_people(kinds, Kind.SWAP, 10).tolist() == []


def test_reach_is_the_papers():
    assert pytest.approx(2.0652, abs=1e-4) == REACH


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="do not fit 2 people with 3 keypoints"):
        error_kinds(TRUTH[:1], birds(), BIRD, TOLERANCES)
    with pytest.raises(ValueError, match="do not fit 2 people with 3 keypoints"):
        error_kinds(TRUTH, birds(), BIRD, TOLERANCES[:, :1])


def test_50000_people_are_quick():
    rng = np.random.default_rng(3)
    people = random_people(rng, 16700, 17)
    noisy = people.keypoints + rng.normal(size=people.keypoints.shape) * 10
    tolerances = oks_tolerances(people, COCO17)
    start = time.process_time()
    error_kinds(noisy, people, COCO17, tolerances)
    assert time.process_time() - start < 15


def test_a_pair_is_exchanged_where_more_of_it_is_then_good():
    left, right, beak = TRUTH[0]
    far = (90, 90)
    poses = [
        ((left, right, beak), False),
        ((right, left, beak), True),
        ((right, far, beak), True),  # one of them, on the other's place
        ((left, left, beak), False),  # one is good either way
        ((far, far, beak), False),
        ((right, (np.nan, np.nan), far), True),
    ]
    for pose, is_exchanged in poses:
        keypoints = np.array([pose, TRUTH[1]], dtype=float)
        best = best_sides(keypoints, birds(), BIRD, TOLERANCES)
        expected = keypoints.copy()
        if is_exchanged:
            expected[0, [0, 1]] = keypoints[0, [1, 0]]
        np.testing.assert_array_equal(best, expected)


def test_only_labelled_joints_say_which_side_is_the_better_one():
    keypoints = TRUTH[:, [1, 0, 2]].astype(float)
    visible = np.zeros((2, 3))
    np.testing.assert_array_equal(
        best_sides(keypoints, birds(visible=visible), BIRD, TOLERANCES), keypoints
    )
