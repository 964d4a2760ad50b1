"""Annotations put together from people found one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.annotations import Annotations, Images
from poseforge.formats.naming import skeleton_of_names
from poseforge.formats.reading import check_unique
from poseforge.structures import SKELETONS, People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points
from poseforge.structures.skeleton import Pair

Point = tuple[float, float, int]
Box = tuple[float, float, float, float]


@dataclass
class Person:
    """A person of an image.

    Attributes:
        image: The image's row.
        points: What is labelled: a keypoint's name to x, y and visibility.
        box: x1 y1 x2 y2; None where the file has none.
    """

    image: int
    points: dict[str, Point]
    box: Box | None = None

    def add(self, name: str, point: Point) -> None:
        """Label a keypoint.

        Raises:
            ValueError: The person has that keypoint already.
        """
        if name in self.points:
            raise ValueError(f"a person has two keypoints {name!r}; keep one, or tell whose it is")
        self.points[name] = point


def images_of(
    ids: Sequence[str], paths: Sequence[Path], sizes: Sequence[tuple[int, int]]
) -> Images:
    """Return images as arrays.

    Raises:
        ValueError: Two images have the same id.
    """
    check_unique(ids, "image")
    return Images(
        np.array(ids, dtype=np.str_),
        np.array([str(path) for path in paths], dtype=np.str_),
        np.array(sizes, dtype=np.int64).reshape(-1, 2),
    )


def skeleton_of_labels(
    labels: Sequence[str], given: Skeleton | None, *, name: str, links: tuple[Pair, ...] = ()
) -> Skeleton:
    """Return the skeleton that a tool's labels mean.

    Args:
        labels: The labels; their order is that of the keypoints unless a known skeleton has them.
        given: The skeleton to use; it must have all labels.
        name: What a new skeleton is called.
        links: Its links.

    Raises:
        ValueError: There are no labels, or the given skeleton lacks one.
    """
    if not labels:
        raise ValueError("it has no keypoint; give a file in which keypoints are labelled")
    if given is None:
        same = (known for known in SKELETONS.values() if set(known.keypoints) == set(labels))
        return next(same, None) or skeleton_of_names(labels, name=name, links=links)
    for label in labels:
        if label not in given.keypoints:
            raise ValueError(
                f"it has a keypoint {label!r}, which skeleton '{given.name}' lacks; that has "
                f"{', '.join(given.keypoints)}"
            )
    return given


def gather(skeleton: Skeleton, images: Images, people: Sequence[Person]) -> Annotations:
    """Return people with named points as annotations, called "<image id>/<number in the image>".

    Raises:
        ValueError: A coordinate is not finite.
    """
    columns = {name: row for row, name in enumerate(skeleton.keypoints)}
    points = np.zeros((len(people), skeleton.num_keypoints, 3))
    for person, row in zip(people, points, strict=True):
        for name, point in person.points.items():
            row[columns[name]] = point
    rows = np.array([person.image for person in people], dtype=np.int64)
    unknown = (np.nan,) * 4
    boxes = [unknown if person.box is None else person.box for person in people]
    return gather_arrays(skeleton, images, rows, points, np.array(boxes).reshape(-1, 4))


def gather_arrays(
    skeleton: Skeleton, images: Images, rows: NDArray[np.int64], points: Floats, boxes: Floats
) -> Annotations:
    """Return people with (N, K, 3) points as annotations, as `gather` does.

    Args:
        skeleton: What the points are.
        images: All images.
        rows: (N,) each person's image.
        points: (N, K, 3) x, y and visibility.
        boxes: (N, 4) x1 y1 x2 y2; NaN for the box of the points.

    Raises:
        ValueError: A coordinate is not finite.
    """
    keypoints = np.where(points[..., 2:] > 0, points[..., :2], 0).astype(np.float32)
    if not np.isfinite(keypoints).all():
        raise ValueError("a keypoint's coordinate is not finite; remove it or give a number")
    visible = points[..., 2].astype(np.float32)
    boxes = np.where(np.isnan(boxes), box_of_points(keypoints, visible), boxes)
    image_ids = images.ids[rows]
    seen: dict[str, int] = {}
    ids = []
    for name in image_ids.tolist():
        ids.append(f"{name}/{seen.get(name, 0)}")
        seen[name] = seen.get(name, 0) + 1
    people = People(
        image_paths=images.paths[rows],
        keypoints=keypoints,
        visible=visible,
        boxes=boxes.astype(np.float32),
        ids=np.array(ids, dtype=np.str_),
        image_ids=image_ids,
    )
    return Annotations(skeleton, images, people)
