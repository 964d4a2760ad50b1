"""The rule about left and right, PF201: would the pose be more usual with some pairs exchanged?

A pose is compared with the other people's poses by the full Procrustes distance, which does not
know where a pose stands, how large it is and how it is turned: with centred points written as
complex numbers of length 1, the distance is sqrt(1 − |⟨z, w⟩|²) (J. T. Kent, "The Complex Bingham
Distribution and Shape Analysis", 1994). Points that one of two poses lacks do not count. Mirrored
poses, left and right exchanged, are as usual as their originals.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats

NEIGHBOURS = 5  # whose mean distance says how usual a pose is
REFERENCES = 2000  # people to compare with at most, each also mirrored
MIN_PEOPLE = 100  # below, the data set does not tell what is usual
MIN_SHARE = 0.6  # of the keypoints that a judged person must have labelled
COMMON = 0.8  # of a person's labelled points that a neighbour must have too
NEARER = 2 / 3  # the exchanged pose is at most this many times as far from its neighbours
BLOCK = 500  # people whose distances are held at a time

Complexes = NDArray[np.complex64]


def swapped_sides(material: Material) -> Iterator[Fault]:
    """Find people whose pose would be far more usual with the left and right of pairs exchanged.

    Exchanged are single pairs and whole ends of the body, such as knees and ankles together. A
    body that is mirrored as a whole stays a possible body and is not found.
    """
    skeleton = material.skeleton
    candidates = pair_groups(skeleton)
    labelled = material.labelled.sum(axis=1)
    people = np.flatnonzero(
        (labelled >= MIN_SHARE * skeleton.num_keypoints) & (material.extents > 0)
    )
    if len(people) < MIN_PEOPLE or not candidates:
        return
    poses, known = _shapes(material.keypoints[people], material.labelled[people])
    neighbours = _Neighbours(poses, known, skeleton.flip_indices)
    rows = np.arange(len(people))
    as_labelled = neighbours.distances(poses, known, rows)
    best = np.full(len(people), np.inf, dtype=np.float32)
    choice = np.zeros(len(people), dtype=np.int64)
    for number, group in enumerate(candidates):
        order = _exchanged(skeleton, group)
        distances = neighbours.distances(poses[:, order], known[:, order], rows)
        closer = distances < best
        best[closer], choice[closer] = distances[closer], number
    shares = best / np.maximum(as_labelled, 1e-6)
    for row in np.flatnonzero(shares <= NEARER).tolist():
        names = ", ".join("/".join(skeleton.pairs[p]) for p in candidates[choice[row]])
        share = float(shares[row])
        yield Fault(
            f"left and right look swapped: exchanged, similar poses are {share:.2f} times as far",
            person=int(people[row]),
            joint=names,
            numbers={"share": share},
            degree=1 - share,
        )


def pair_groups(skeleton: Skeleton) -> list[tuple[int, ...]]:
    """Return the groups of pairs that may have been swapped together.

    Pairs are neighbours where a bone joins them on one side. A group is a single pair, or the
    smaller part that falls off where the bond of two neighbours is cut; both parts if they are
    equally large.
    """
    bonds = _bonds(skeleton)
    everything = set(range(len(skeleton.pairs)))
    groups = [{pair} for pair in everything]
    for bond in [None, *bonds]:
        rest = [other for other in bonds if other != bond]
        parts = _connected(everything, rest)
        smallest = min((len(part) for part in parts), default=0)
        whole = len(parts) < 2
        groups += [part for part in parts if not whole and len(part) == smallest]
    unique = {tuple(sorted(group)) for group in groups if group != everything}
    return sorted(unique, key=lambda group: (len(group), group))


def _bonds(skeleton: Skeleton) -> list[tuple[int, int]]:
    pair_of = {
        name: (n, side) for n, pair in enumerate(skeleton.pairs) for side, name in enumerate(pair)
    }
    bonds = set()
    for ends in skeleton.links:
        if all(end in pair_of for end in ends):
            (first, side), (second, other_side) = (pair_of[end] for end in ends)
            if side == other_side:
                bonds.add((min(first, second), max(first, second)))
    return sorted(bonds)


def _connected(pairs: set[int], bonds: Sequence[tuple[int, int]]) -> list[set[int]]:
    parts = [{pair} for pair in pairs]
    for first, second in bonds:
        joined = [part for part in parts if part & {first, second}]
        parts = [part for part in parts if not part & {first, second}]
        parts.append(set().union(*joined))
    return parts


def _exchanged(skeleton: Skeleton, group: Sequence[int]) -> NDArray[np.int64]:
    order = np.arange(skeleton.num_keypoints)
    for left, right in (skeleton.pairs[pair] for pair in group):
        rows = skeleton.indices((left, right))
        order[rows] = order[rows[::-1]]
    return order


def _shapes(keypoints: Floats, labelled: NDArray[np.bool_]) -> tuple[Complexes, Floats]:
    """Return centred poses (N, K) of length 1 and 1 where a point is labelled (N, K), else 0."""
    known = labelled.astype(np.float32)
    poses = np.where(labelled, keypoints[..., 0] + 1j * keypoints[..., 1], 0)
    middle = poses.sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
    poses = np.where(labelled, poses - middle, 0)
    poses /= np.linalg.norm(poses, axis=1, keepdims=True)
    return poses.astype(np.complex64), known


class _Neighbours:
    """Some of the people, evenly spread, and their mirror images."""

    def __init__(self, poses: Complexes, known: Floats, flip: NDArray[np.int64]) -> None:
        rows = np.unique(np.linspace(0, len(poses) - 1, REFERENCES).astype(np.int64))
        self._rows = np.tile(rows, 2)
        self._poses = np.concatenate([poses[rows], -poses[rows].conj()[:, flip]])
        self._known = np.concatenate([known[rows], known[rows][:, flip]])

    def distances(self, poses: Complexes, known: Floats, rows: NDArray[np.int64]) -> Floats:
        """Return (N,) mean distance of poses to their nearest neighbours other than themselves."""
        means = []
        for start in range(0, len(poses), BLOCK):
            part = slice(start, start + BLOCK)
            squares = self._squares(poses[part], known[part])
            squares[rows[part, None] == self._rows] = np.inf
            nearest = np.partition(squares, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
            means.append(np.sqrt(nearest.mean(axis=1)))
        return np.concatenate(means)

    def _squares(self, poses: Complexes, known: Floats) -> Floats:
        """Return (n, R) squared distances over common points; inf where too few are common."""
        count = known @ self._known.T
        ours = poses @ self._known.T.astype(np.complex64)
        theirs = known.astype(np.complex64) @ self._poses.T
        per_point = 1 / np.maximum(count, 1)
        product = poses.conj() @ self._poses.T - ours.conj() * theirs * per_point
        our_square = _squared(poses) @ self._known.T - _squared(ours) * per_point
        their_square = known @ _squared(self._poses).T - _squared(theirs) * per_point
        squares = 1 - _squared(product) / np.maximum(our_square * their_square, 1e-9)
        squares[count < COMMON * known.sum(axis=1, keepdims=True)] = np.inf
        distances: Floats = np.maximum(squares, 0)
        return distances


def _squared(numbers: Complexes) -> NDArray[np.float32]:
    return numbers.real**2 + numbers.imag**2
