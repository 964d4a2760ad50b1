"""Our own ground truth: the arrays of `People` by name, and `about`, the rest as JSON."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from poseforge.files import replacing
from poseforge.formats.containers import Arrays, demand
from poseforge.formats.truth.base import Truth
from poseforge.structures import People, as_skeleton

COLUMNS = tuple(column.name for column in fields(People))
NEEDED = ("keypoints", "visible", "boxes", "ids")


def write_truth(truth: Truth, path: Path) -> None:
    """Write people without their images' paths; the same people make the same bytes.

    Raises:
        OSError: The file cannot be written; `path` is as it was.
    """
    about = {
        "name": truth.name,
        "protocol": truth.protocol,
        "skeleton": asdict(truth.skeleton),
    }
    columns = {name: getattr(truth.people, name) for name in COLUMNS if name != "image_paths"}
    columns["image_ids"] = truth.people.image_names
    known = {name: array for name, array in columns.items() if len(array)}
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, about=json.dumps(about), **known)


def parse_npz(path: Path, arrays: Arrays) -> Truth:
    """Return the people that `write_truth` wrote.

    Raises:
        ValueError: Arrays are missing, of other types or disagree in shape, or `about` is damaged.
    """
    about, *_ = demand(path, arrays, "about", *NEEDED)
    columns = {name: arrays.get(name, np.empty(0)) for name in COLUMNS}
    people = People(**columns)
    try:
        described = json.loads(str(about))
        skeleton = as_skeleton(described["skeleton"])
        name, protocol = described["name"], described["protocol"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path}: 'about' is not the JSON of a name, protocol and skeleton ({error}); write "
            "the file anew"
        ) from error
    shape = (len(people.ids), skeleton.num_keypoints)
    lengths = {len(array) for array in columns.values() if len(array)}
    if (
        people.keypoints.shape != (*shape, 2)
        or people.visible.shape != shape
        or people.boxes.shape != (shape[0], 4)
        or lengths != {shape[0]}
    ):
        raise ValueError(
            f"{path} has arrays that disagree in shape with {shape[0]} ids and the {shape[1]} "
            f"keypoints of {skeleton.name}; write the file anew"
        )
    numbers = people.keypoints, people.visible, people.boxes
    if not all(array.dtype.kind in "fiu" for array in numbers) or people.ids.dtype.kind != "U":
        raise ValueError(
            f"{path} must have numbers as keypoints, visible and boxes and strings as ids; write "
            "the file anew"
        )
    return Truth(name, skeleton, people, protocol)
