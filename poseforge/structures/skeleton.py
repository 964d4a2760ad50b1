"""Skeleton: what the points of a person are called and how they belong together.

PCK, PCKh, PCP, OKS, drawing, flipping and half-body crops all derive from it, so that a new kind of
creature is a dozen lines of data and no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pair = tuple[str, str]
# A limb's end is a keypoint, or the middle of two.
End = str | Pair
Limb = tuple[End, End]


def names_of(end: End) -> tuple[str, ...]:
    """Return the keypoints whose middle is a limb's end."""
    return (end,) if isinstance(end, str) else end


@dataclass(frozen=True)
class Skeleton:
    """Named keypoints and the relations between them.

    Args:
        name: What the skeleton is called in configs, tables and checkpoints.
        keypoints: (K,) names in the order of the arrays.
        pairs: (left, right) names that a mirror swaps.
        links: Bones to draw and to measure limbs by.
        sigmas: (K,) OKS standard deviations relative to the square root of the area; empty where
            nobody has measured them.
        torso: Two keypoints whose distance is the torso reference of PCK.
        head: Two keypoints whose distance is the head reference.
        upper_body: Keypoints of the upper half; the rest is the lower half (half-body crops).
        groups: Columns of a report: a title and the keypoints that it averages.
        limbs: Columns of a PCP report: a title and the limbs that it averages.

    Raises:
        ValueError: A relation names a keypoint that does not exist, a pair is not a pair, or
            `sigmas` has another length than `keypoints`.
    """

    name: str
    keypoints: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()
    links: tuple[Pair, ...] = ()
    sigmas: tuple[float, ...] = ()
    torso: Pair | None = None
    head: Pair | None = None
    upper_body: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limbs: Mapping[str, tuple[Limb, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        relations = [*self.pairs, *self.links, *self.groups.values(), self.upper_body]
        relations += [pair for pair in (self.torso, self.head) if pair]
        relations += [
            names_of(end) for group in self.limbs.values() for limb in group for end in limb
        ]
        known = set(self.keypoints)
        for name in (name for relation in relations for name in relation):
            if name not in known:
                raise ValueError(
                    f"skeleton '{self.name}' relates a keypoint '{name}' that it does not have; "
                    f"it has {', '.join(self.keypoints)}"
                )
        if len(known) != len(self.keypoints):
            raise ValueError(f"skeleton '{self.name}' names a keypoint twice; each needs its own")
        paired = [name for pair in self.pairs for name in pair]
        if len(set(paired)) != len(paired):
            raise ValueError(
                f"skeleton '{self.name}' has a keypoint in two pairs; a mirror must be its own "
                "inverse, so each keypoint belongs to one pair at most"
            )
        if self.sigmas and len(self.sigmas) != len(self.keypoints):
            raise ValueError(
                f"skeleton '{self.name}' has {len(self.sigmas)} sigmas for "
                f"{len(self.keypoints)} keypoints; give one each, or none"
            )

    @property
    def num_keypoints(self) -> int:
        """K."""
        return len(self.keypoints)

    def index(self, name: str) -> int:
        """Return a keypoint's row."""
        return self.keypoints.index(name)

    def indices(self, names: tuple[str, ...]) -> list[int]:
        """Return the rows of several keypoints."""
        return [self.index(name) for name in names]

    @property
    def flip_order(self) -> list[int]:
        """The row that each keypoint comes from in a mirrored picture."""
        partner = {name: other for pair in self.pairs for name, other in (pair, pair[::-1])}
        return [self.index(partner.get(name, name)) for name in self.keypoints]

    @property
    def flip_indices(self) -> NDArray[np.int64]:
        """`flip_order` as an array (K,)."""
        return np.array(self.flip_order)

    @property
    def link_indices(self) -> list[tuple[int, int]]:
        """Bones as pairs of rows."""
        return [(self.index(a), self.index(b)) for a, b in self.links]
