"""Rules about keypoints: PF101 … PF107."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.finding import Fault
from poseforge.datasets.lint.material import Material
from poseforge.structures.affine import Floats

IMAGE_TOLERANCE_PX = 1.0  # COCO counts to the outer edge of the last pixel
BOX_TOLERANCE = 0.1  # of the box's longer side
HELD = 0.5  # share of the labelled points that a box must hold to be this person's


def outside_image(material: Material) -> Iterator[Fault]:
    """Find labelled points more than IMAGE_TOLERANCE_PX beyond the image's edge."""
    last = material.sizes_of_people[:, None] - 1  # (N, 1, 2)
    beyond = np.maximum(-material.keypoints, material.keypoints - last).max(axis=-1)
    for row, joint in _places(material.labelled & (beyond > IMAGE_TOLERANCE_PX)):
        x, y = material.keypoints[row, joint].tolist()
        width, height = material.sizes_of_people[row].tolist()
        distance = float(beyond[row, joint])
        yield _fault(
            material,
            row,
            joint,
            f"({x:g}, {y:g}) is {distance:.1f} px outside the image of {width:g} x {height:g}",
            distance,
        )


def outside_box(material: Material) -> Iterator[Fault]:
    """Find labelled points further outside a box than BOX_TOLERANCE, where it holds the others."""
    share = distance_to_boxes(material) / material.box_sides[:, None]
    mine = held(material) >= HELD
    for row, joint in _places(material.labelled & mine[:, None] & (share > BOX_TOLERANCE)):
        percent = 100 * float(share[row, joint])
        message = f"lies outside the person's box by {percent:.0f} % of its longer side"
        yield _fault(material, row, joint, message, percent)


def distance_to_boxes(material: Material) -> Floats:
    """Return (N, K) px from each point to its person's box; 0 inside, NaN without a box."""
    low, high = material.boxes[:, None, :2], material.boxes[:, None, 2:]
    away = np.maximum(low - material.keypoints, material.keypoints - high)
    outermost: Floats = np.maximum(away, 0).max(axis=-1)
    return outermost


def held(material: Material) -> Floats:
    """Return (N,) which share of the labelled points each box holds; NaN without box or points."""
    near = distance_to_boxes(material) <= BOX_TOLERANCE * material.box_sides[:, None]
    labelled = material.labelled.sum(axis=1)
    share = (near & material.labelled).sum(axis=1) / np.maximum(labelled, 1)
    return np.where(material.sound_boxes & (labelled > 0), share, np.nan)


def strange_flag(material: Material) -> Iterator[Fault]:
    """Find flags other than 0, 1 and 2."""
    strange = ~np.isin(material.flags, (0, 1, 2)) & ~np.isnan(material.flags)
    for row, joint in _places(strange):
        yield _fault(material, row, joint, f"the flag is {material.flags[row, joint]:g}")


def unlabelled_place(material: Material) -> Iterator[Fault]:
    """Find points that are not labelled but have a place other than (0, 0)."""
    placed = np.isfinite(material.keypoints).all(axis=-1) & (material.keypoints != 0).any(axis=-1)
    for row, joint in _places(placed & (material.flags == 0)):
        x, y = material.keypoints[row, joint].tolist()
        yield _fault(material, row, joint, f"is not labelled but stands at ({x:g}, {y:g})")


def other_count(material: Material) -> Iterator[Fault]:
    """Find people whose `num_keypoints` is not how many points are labelled."""
    found = (material.flags > 0).sum(axis=1)
    whole = material.num_values == 3 * material.skeleton.num_keypoints  # the others lack numbers
    said_so = np.isnan(material.counts) | (material.counts == found)
    for row in np.flatnonzero(whole & ~said_so).tolist():
        said, is_so = material.counts[row], int(found[row])
        yield Fault(
            f"num_keypoints is {said:g}, but {is_so} points are labelled",
            person=row,
            numbers={"stated": float(said), "labelled": is_so},
            degree=abs(float(said) - is_so),
        )


def at_origin(material: Material) -> Iterator[Fault]:
    """Find labelled points at exactly (0, 0), where tools put points that they do not have."""
    for row, joint in _places(material.labelled & (material.keypoints == 0).all(axis=-1)):
        yield _fault(material, row, joint, "is labelled but stands at exactly (0, 0)")


def not_a_number(material: Material) -> Iterator[Fault]:
    """Find coordinates, flags and boxes that are no finite numbers."""
    finite = np.isfinite(material.keypoints).all(axis=-1) & ~np.isnan(material.flags)
    for row, joint in _places(~finite):
        yield _fault(material, row, joint, "a coordinate or the flag is not a number")
    for row in np.flatnonzero(np.isinf(material.boxes).any(axis=1)).tolist():
        yield Fault("the box is not four numbers", person=row)


def _places(faulty: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(row, joint) for row, joint in np.argwhere(faulty).tolist()]


def _fault(material: Material, row: int, joint: int, message: str, degree: float = 0.0) -> Fault:
    x, y = material.keypoints[row, joint].tolist()
    numbers = {"x": x, "y": y} if np.isfinite([x, y]).all() else {}
    name = material.skeleton.keypoints[joint]
    return Fault(message, person=row, joint=name, numbers=numbers, degree=degree)
