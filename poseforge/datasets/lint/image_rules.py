"""Rules about image files: PF001 … PF004."""

from collections.abc import Iterator

import numpy as np

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.datasets.lint.pictures import MISSING


def unreadable(material: Material) -> Iterator[Fault]:
    """Find images that are empty, cut short or no image."""
    for row, problem in enumerate(material.pictures.problems.tolist()):
        if problem and problem != MISSING:
            yield Fault(problem, image=row)


def missing(material: Material) -> Iterator[Fault]:
    """Find images that are not there."""
    for row in np.flatnonzero(material.pictures.problems == MISSING).tolist():
        yield Fault(f"there is no file {material.image_paths[row]}", image=row)


def other_size(material: Material) -> Iterator[Fault]:
    """Find images that are not as large as the file says."""
    read, stated = material.pictures.sizes, material.stated_sizes
    if not len(read):
        return
    known = (read > 0).all(axis=1) & (stated > 0).all(axis=1)
    for row in np.flatnonzero(known & (read != stated).any(axis=1)).tolist():
        (width, height), (said_width, said_height) = read[row].tolist(), stated[row].tolist()
        yield Fault(
            f"the image has {width} x {height} pixels, the file says {said_width} x {said_height}",
            image=row,
            numbers={"width": width, "height": height},
            degree=float(abs(read[row] - stated[row]).max()),
        )


def unlisted(material: Material) -> Iterator[Fault]:
    """Find people whose image is not listed."""
    for row in np.flatnonzero(material.image_of < 0).tolist():
        yield Fault("the annotation is of an image that the file does not list", person=row)
