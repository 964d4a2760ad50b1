"""Rules about the shape of a pose: PF202 … PF204."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.structures.affine import Floats

MIN_LIMBS = 4  # that a person must have besides the one that is judged
MIN_PEOPLE = 30  # below, the data set does not tell what is usual
SPREADS = 4.0  # robust standard deviations from the usual length
FACTOR = 2.0  # a limb must be this many times too long, whatever the spread


def long_limb(material: Material) -> Iterator[Fault]:
    """Find limbs that are too long for their own person.

    A limb may look short, because it points at the camera, but not long. Its length by that of the
    person's other limbs, each divided by the data set's median for it, has a usual spread, which
    is measured by the median absolute deviation of its logarithm.
    """
    links = material.skeleton.link_indices
    if not links:
        return
    excess = _excess(material)  # (N, L)
    for limb, (start, end) in enumerate(links):
        values = excess[:, limb][np.isfinite(excess[:, limb])]
        if len(values) < MIN_PEOPLE:
            continue
        usual = float(np.median(values))
        spread = 1.4826 * float(np.median(np.abs(values - usual)))
        limit = usual + max(SPREADS * spread, float(np.log(FACTOR)))
        for row in np.flatnonzero(excess[:, limb] > limit).tolist():
            times = float(np.exp(excess[row, limb] - usual))
            yield Fault(
                f"the limb is {times:.1f} times as long as the person's others let expect",
                person=row,
                joint=f"{material.skeleton.keypoints[start]}-{material.skeleton.keypoints[end]}",
                numbers={"times": times},
                degree=times,
            )


def _excess(material: Material) -> Floats:
    """Return (N, L) log of each limb's length by the upper quartile of the person's others."""
    lengths = _log_lengths(material)
    usual = np.array(
        [np.median(v[np.isfinite(v)]) if np.isfinite(v).any() else 0 for v in lengths.T]
    )
    relative = lengths - usual
    excess = np.full_like(relative, np.nan)
    enough = np.isfinite(relative).sum(axis=1) > MIN_LIMBS
    for limb in range(relative.shape[1]):
        rows = np.flatnonzero(enough & np.isfinite(relative[:, limb]))
        others = np.delete(relative[rows], limb, axis=1)
        if len(rows):
            excess[rows, limb] = relative[rows, limb] - np.nanpercentile(others, 75, axis=1)
    return np.asarray(excess)


def _log_lengths(material: Material) -> Floats:
    """Return (N, L) log of each limb's length by the person's extent; NaN where not labelled."""
    start, end = np.array(material.skeleton.link_indices).T
    offsets = material.keypoints[:, start] - material.keypoints[:, end]
    lengths = np.linalg.norm(offsets, axis=-1)
    known = material.labelled[:, start] & material.labelled[:, end] & (lengths > 0)
    extents = np.where(material.extents > 0, material.extents, np.nan)[:, None]
    logs: Floats = np.log(np.where(known, lengths, np.nan) / extents)
    return logs


def one_place(material: Material) -> Iterator[Fault]:
    """Find people with several labelled points that all stand at one place."""
    for row in np.flatnonzero(_collapsed(material)).tolist():
        count = int(material.labelled[row].sum())
        yield Fault(f"all {count} labelled points stand at one place", person=row)


def same_place(material: Material) -> Iterator[Fault]:
    """Find pairs of labelled points at exactly one place, of people larger than a point."""
    points, labelled = material.keypoints, material.labelled & ~_collapsed(material)[:, None]
    labelled &= (points != 0).any(axis=-1)  # points at (0, 0) have a rule of their own
    names = material.skeleton.keypoints
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            equal = (points[:, first] == points[:, second]).all(axis=-1)
            for row in np.flatnonzero(equal & labelled[:, first] & labelled[:, second]).tolist():
                extent = float(material.extents[row])
                yield Fault(
                    f"both stand at exactly one place, on a person of {extent:.0f} px",
                    person=row,
                    joint=f"{names[first]}, {names[second]}",
                    numbers={"extent_px": extent},
                    degree=extent,
                )


def _collapsed(material: Material) -> NDArray[np.bool_]:
    several = material.labelled.sum(axis=1) > 1
    collapsed: NDArray[np.bool_] = several & (material.extents == 0)
    return collapsed
