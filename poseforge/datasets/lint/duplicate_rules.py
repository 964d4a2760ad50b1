"""Rules about what is there twice: PF301 … PF303."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.likeness import like_pairs
from poseforge.datasets.lint.material import Material

MAX_DISTANCE = 0.05  # mean distance of two annotations of one person, by the larger extent
MIN_COMMON = 3  # labelled points, and half of those of either person


def duplicate_people(material: Material) -> Iterator[Fault]:
    """Find people whose points are those of another person of the image."""
    rows_of = defaultdict(list)
    for row in np.flatnonzero(material.labelled.sum(axis=1) >= MIN_COMMON).tolist():
        if material.image_of[row] >= 0:
            rows_of[material.image_of[row]].append(row)
    for rows in rows_of.values():
        for place, row in enumerate(rows):
            for earlier in rows[:place]:
                distance = _distance(material, earlier, row)
                if distance <= MAX_DISTANCE:
                    percent = 100 * distance
                    yield Fault(
                        f"the points are those of {material.ids[earlier]}, on average "
                        f"{percent:.1f} % of the person's size apart",
                        person=row,
                        numbers={"percent": percent},
                        degree=1 - distance,
                    )
                    break


def _distance(material: Material, first: int, second: int) -> float:
    """Return the mean distance of two people's common points by their extent; inf if too few."""
    common = material.labelled[first] & material.labelled[second]
    fewest = material.labelled[[first, second]].sum(axis=1).max() / 2
    extent = material.extents[[first, second]].max()
    if common.sum() < max(MIN_COMMON, fewest) or extent <= 0:
        return np.inf
    offsets = material.keypoints[first, common] - material.keypoints[second, common]
    return float(np.linalg.norm(offsets, axis=1).mean() / extent)


def duplicate_images(material: Material) -> Iterator[Fault]:
    """Find images that are, or look like, an earlier one."""
    first_like: dict[int, int] = {}
    for first, second in like_pairs(material.pictures).tolist():
        first_like.setdefault(second, first)
    for second, first in sorted(first_like.items()):
        yield _same(material, second, material, first)


def leakage(materials: Sequence[Material]) -> Iterator[tuple[int, Fault]]:
    """Find images of a validation or test set that are also in the training set.

    Drawn images have no files; they are compared by their names.

    Yields:
        Which of `materials` the fault is in, and the fault.
    """
    trained = [material for material in materials if material.role == "train"]
    for number, held_out in enumerate(materials):
        if held_out.role in ("", "train"):
            continue
        seen: set[int] = set()
        for train in trained:
            for second, first in _shared(held_out, train):
                if second not in seen:
                    seen.add(second)
                    yield number, _same(held_out, second, train, first)


def _shared(held_out: Material, train: Material) -> list[tuple[int, int]]:
    drawn = np.flatnonzero(held_out.image_paths == "")
    row_of = {
        name: row
        for row, name in enumerate(train.image_names.tolist())
        if train.image_paths[row] == ""
    }
    named = [(int(row), row_of.get(str(held_out.image_names[row]), -1)) for row in drawn]
    looking = like_pairs(held_out.pictures, train.pictures).tolist()
    return sorted({(a, b) for a, b in [*looking, *named] if b >= 0})


def _same(material: Material, row: int, other: Material, earlier: int) -> Fault:
    digests = material.pictures.digests, other.pictures.digests
    same = material.image_paths[row] == "" or digests[0][row] == digests[1][earlier]
    where = "" if material is other else f" of {other.name}"
    how = "is the same image as" if same else "looks like"
    return Fault(f"{how} {other.image_names[earlier]}{where}", image=row, degree=float(same))
