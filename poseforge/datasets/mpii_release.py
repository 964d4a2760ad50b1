"""MPII's official file, `mpii_human_pose_v1_u12_1.mat`.

    RELEASE.annolist[i].image.name
                       .annorect[j].annopoints.point[k].x .y .id .is_visible
                                   .x1 .y1 .x2 .y2        the head box
                                   .scale .objpos.x .y
           .img_train[i]                                  1 in the training images
           .single_person{i}                              numbers j of people apart from others

Everything counts from 1, and about every field is missing or empty for someone. A point that is
not there is not labelled; `is_visible` is 0 or 1, as a number or as a text, and empty for neck and
head top, which come from the head box: those count as seen.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from poseforge.datasets.mpii_labels import NUM_JOINTS, MpiiLabels
from poseforge.datasets.on_disk import load_mat
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import head_size

SPLITS = {"trainval": 1, "test": 0}  # what `img_train` says
HEAD_BOX = ("x1", "y1", "x2", "y2")


def read_mpii_release(path: Path, split: str) -> MpiiLabels:
    """Read one half of the official file.

    Args:
        path: The file.
        split: "trainval" for everyone with a labelled joint in the training images, "test" for the
            people whom the official evaluation scores: those of `single_person` in the others.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is damaged or another file, or has no such split.
    """
    if split not in SPLITS:
        raise ValueError(
            f"{path} has no split '{split}', which others made of it; choose one of "
            f"{', '.join(SPLITS)}, or get the annotations in HRNet's JSON layout"
        )
    [release] = load_mat(path, "RELEASE")
    try:
        people = list(_people(release, split))
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is not laid out as MPII's official file ({error}); get the file anew"
        ) from error
    joints = np.array([joints for _, _, joints, _ in people]).reshape(-1, NUM_JOINTS, 3)
    numbers = np.array([numbers for _, _, _, numbers in people]).reshape(-1, 7)
    labelled = joints[..., 2] > 0
    return MpiiLabels(
        images=np.array([name for name, _, _, _ in people], dtype=np.str_),
        numbers=np.array([number for _, number, _, _ in people], dtype=np.int64),
        keypoints=np.where(labelled[..., None], joints[..., :2] - 1, 0),
        visible=joints[..., 2],
        centers=numbers[:, :2] - 1,
        scales=numbers[:, 2],
        head_sizes=head_size(numbers[:, 3:]),
    )


def _people(release: Any, split: str) -> Iterator[tuple[str, int, Floats, list[float]]]:
    """Yield image, number in it, joints (16, 3), and centre, scale and head box of each person."""
    images = np.atleast_1d(release.annolist)
    in_training = np.atleast_1d(release.img_train)
    if len(in_training) != len(images):
        raise ValueError(f"img_train has {len(in_training)} entries for {len(images)} images")
    alone = release.single_person if len(images) > 1 else [release.single_person]
    for image, is_training, singles in zip(images, in_training, alone, strict=True):
        name = str(image.image.name)
        if int(is_training) != SPLITS[split]:
            continue
        chosen = {int(number) - 1 for number in np.atleast_1d(singles)}
        for number, person in enumerate(_structs(getattr(image, "annorect", None))):
            joints = _joints(person)
            if number in chosen if split == "test" else (joints[:, 2] > 0).any():
                yield name, number, joints, _numbers(person)


def _joints(person: Any) -> Floats:
    """Return (16, 3) x, y from 1, and 0, 1 or 2 for unlabelled, hidden and seen."""
    joints = np.zeros((NUM_JOINTS, 3))
    for point in _structs(getattr(getattr(person, "annopoints", None), "point", None)):
        joint, x, y = (_number(point, field) for field in ("id", "x", "y"))
        if joint not in range(NUM_JOINTS) or not np.isfinite((x, y)).all():
            raise ValueError(f"a point has the id {joint:g} and the place {x:g}, {y:g}")
        joints[int(joint)] = x, y, 1 if _number(point, "is_visible") == 0 else 2
    return joints


def _numbers(person: Any) -> list[float]:
    place = getattr(person, "objpos", None)
    head = [_number(person, name) for name in HEAD_BOX]
    return [_number(place, "x"), _number(place, "y"), _number(person, "scale"), *head]


def _structs(value: Any) -> list[Any]:
    """Return the elements of a struct array, which may be one struct or something empty."""
    from scipy.io.matlab import mat_struct  # takes longer to load than everything else here

    if isinstance(value, mat_struct):
        return [value]
    found = np.ravel(value) if isinstance(value, np.ndarray) else ()
    return [item for item in found if isinstance(item, mat_struct)]


def _number(struct: Any, name: str) -> float:
    """Return a field as a number; NaN where it is absent or empty."""
    value = getattr(struct, name, None)
    if value is None or np.size(value) == 0 or (isinstance(value, str) and not value.strip()):
        return float("nan")
    return float(value)
