"""Rules about boxes and about the file's own order: PF501 … PF505."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.datasets.lint.point_rules import HELD, IMAGE_TOLERANCE_PX, held


def other_persons_box(material: Material) -> Iterator[Fault]:
    """Find boxes that hold less than HELD of their person's labelled points."""
    share = held(material)
    for row in np.flatnonzero(share < HELD).tolist():
        inside = 100 * float(share[row])
        yield Fault(
            f"the box holds {inside:.0f} % of the person's labelled points",
            person=row,
            numbers={"percent": inside},
            degree=100 - inside,
        )


def empty_box(material: Material) -> Iterator[Fault]:
    """Find boxes whose width or height is not positive."""
    given = np.isfinite(material.boxes).all(axis=1)
    for row in np.flatnonzero(given & ~material.sound_boxes).tolist():
        width, height = (material.boxes[row, 2:] - material.boxes[row, :2]).tolist()
        yield Fault(
            f"the box is {width:g} wide and {height:g} high",
            person=row,
            numbers={"width": width, "height": height},
        )


def box_outside_image(material: Material) -> Iterator[Fault]:
    """Find boxes that reach more than IMAGE_TOLERANCE_PX beyond the image."""
    size = material.sizes_of_people
    beyond = np.maximum(-material.boxes[:, :2], material.boxes[:, 2:] - size).max(axis=1)
    for row in np.flatnonzero(material.sound_boxes & (beyond > IMAGE_TOLERANCE_PX)).tolist():
        distance = float(beyond[row])
        yield Fault(
            f"the box reaches {distance:.1f} px beyond the image",
            person=row,
            numbers={"distance_px": distance},
            degree=distance,
        )


def repeated_id(material: Material) -> Iterator[Fault]:
    """Find ids of people and of images that were given before."""
    for row in _repeated(material.ids):
        yield Fault(f"another annotation has the id {material.ids[row]} too", person=row)
    for row in _repeated(material.image_ids):
        yield Fault(f"another image has the id {material.image_ids[row]} too", image=row)


def other_num_keypoints(material: Material) -> Iterator[Fault]:
    """Find people with another number of keypoints than the skeleton."""
    num_keypoints = material.skeleton.num_keypoints
    for row in np.flatnonzero(material.num_values != 3 * num_keypoints).tolist():
        values = int(material.num_values[row])
        yield Fault(
            f"has {values} numbers for keypoints, but {num_keypoints} keypoints are "
            f"{3 * num_keypoints}",
            person=row,
            numbers={"values": values},
        )


def _repeated(names: NDArray[np.str_]) -> list[int]:
    """Return the rows whose name an earlier row has."""
    first = np.unique(names, return_index=True)[1]
    rows: list[int] = np.setdiff1d(np.arange(len(names)), first).tolist()
    return rows
