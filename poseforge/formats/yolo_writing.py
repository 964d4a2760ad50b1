"""Writing YOLO-pose data sets."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from poseforge.files import write_text
from poseforge.formats.annotations import Annotations
from poseforge.formats.reading import blaming
from poseforge.formats.yolo_settings import read_yaml
from poseforge.structures import People, Skeleton
from poseforge.structures.affine import Floats

YAML = "data.yaml"
# One person a row: class, box, keypoints. Eight decimals are a ten thousandth of a pixel.
DECIMALS = "%.8f"


def write_yolo(annotations: Annotations, folder: Path, split: str = "train") -> None:
    """Write the labels of a YOLO-pose data set: `labels/<split>/*.txt` and `data.yaml`.

    The images are not copied: copy or link them to `images/<split>/`, each at the place of its
    label file, before training. Where images come from several folders, both are in folders of
    the same names. Training needs the splits "train" and "val", written one after the other into
    the same folder.

    Left out are crowds, people without a box inside the image, and points outside of it, because
    Ultralytics drops a whole image for one number outside 0..1; boxes are cut to the image. Links,
    sigmas and areas have no place in the format.

    Args:
        annotations: What to write.
        folder: The data set's folder.
        split: "train", "val" or "test".

    Raises:
        FileExistsError: The split has labels already.
        ValueError: An image's size is not known, two images would share a label file, or the
            folder holds another data set.
    """
    folder = Path(folder)
    labels = folder / "labels" / split
    if labels.exists():
        raise FileExistsError(f"{labels} exists; remove it, or choose another folder or split")
    settings = _settings(annotations.skeleton, folder / YAML)
    settings[split] = f"images/{split}"
    names = _label_names(annotations.images.paths.tolist())
    images, people = annotations.images, annotations.people
    unknown = np.flatnonzero((images.sizes <= 0).any(axis=1))
    if len(unknown):
        raise ValueError(
            f"the size of image {images.paths[unknown[0]]} is not known; YOLO labels are relative "
            "to it, so give annotations with image sizes"
        )
    index = {name: row for row, name in enumerate(images.ids.tolist())}
    of_image = np.array([index[name] for name in people.image_ids.tolist()], dtype=np.int64)
    rows, kept = _rows(people, images.sizes[of_image].astype(np.float64))
    for number, name in enumerate(names):
        own = rows[kept & (of_image == number)]
        write_text(labels / name, "".join(_line(row) for row in own.tolist()))
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, default_flow_style=None)
    write_text(folder / YAML, text)


def _settings(skeleton: Skeleton, file: Path) -> dict[str, object]:
    settings = {
        "names": {0: "person"},
        "kpt_shape": [skeleton.num_keypoints, 3],
        "flip_idx": skeleton.flip_indices.tolist(),
        "kpt_names": {0: list(skeleton.keypoints)},
    }
    if not file.exists():
        return settings
    with blaming(file):
        present = read_yaml(file)
    different = [key for key, value in settings.items() if present.get(key) != value]
    if different:
        raise ValueError(
            f"{file} is of another data set: {', '.join(different)} would differ; choose another "
            "folder"
        )
    return present


def _label_names(paths: list[str]) -> list[str]:
    folders = [os.path.dirname(path) for path in paths]
    common = os.path.commonpath(folders) if folders else ""
    names = [Path(os.path.relpath(path, common)).with_suffix(".txt").as_posix() for path in paths]
    if len(set(names)) != len(names):
        twice = Counter(names).most_common(1)[0][0]
        raise ValueError(f"two images would have the labels {twice}; give them different names")
    return names


def _rows(people: People, sizes: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a row of numbers a person, and (N,) whether the person is written."""
    corners = np.clip(people.boxes.astype(np.float64).reshape(-1, 2, 2), 0, sizes[:, None])
    low, high = corners[:, 0] / sizes, corners[:, 1] / sizes
    kept = (high[:, 0] > low[:, 0]) & (high[:, 1] > low[:, 1])
    if len(people.crowd):
        kept &= ~people.crowd
    points = people.keypoints / sizes[:, None]
    labelled = (people.visible > 0) & ((points >= 0) & (points <= 1)).all(axis=-1)
    numbers = [points, people.visible[..., None]]
    points = np.where(labelled[..., None], np.concatenate(numbers, axis=-1), 0)
    box = np.concatenate([(low + high) / 2, high - low], axis=1)
    return np.concatenate([box, points.reshape(-1, 3 * points.shape[1])], axis=1), kept


def _line(row: list[float]) -> str:
    numbers = [DECIMALS % number for number in row]
    numbers[6::3] = [str(int(visible)) for visible in row[6::3]]
    return " ".join(["0", *numbers]) + "\n"
