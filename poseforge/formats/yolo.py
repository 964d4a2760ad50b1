"""YOLO-pose data sets in the layout of Ultralytics: https://docs.ultralytics.com/datasets/pose/.

A coordinate times the image's side is a pixel coordinate, as Ultralytics' own conversion of COCO
has it: nothing is added for the half pixel between edges and middles.
"""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from poseforge.formats.annotations import Annotations
from poseforge.formats.gathering import gather_arrays, images_of
from poseforge.formats.reading import blaming
from poseforge.formats.yolo_layout import find_images, find_yaml, label_file
from poseforge.formats.yolo_settings import Settings, read_settings
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats

SEEN = 2
# Numbers of a row before the keypoints: class, and the box's middle and sides.
BOX = 5
EXIF_ORIENTATION = 0x0112
EXIF_TURNED = (5, 6, 7, 8)


def read_yolo(
    source: Path, *, split: str = "train", skeleton: Skeleton | None = None
) -> Annotations:
    """Read a split of a YOLO-pose data set, people of all its classes.

    An image without a label file has no people. Where `kpt_shape` has no visibility, points at
    exactly (0, 0) and negative ones are not labelled and all others are seen. Image sizes are read
    from the images' headers, turned as the images are shown.

    Args:
        source: The data set's YAML file, or the folder that holds it as its only one.
        split: The key of the YAML file that names the images: train, val or test.
        skeleton: What the keypoints are; None for `kpt_names` and `flip_idx` of the YAML file.
            Without `kpt_names` they are called keypoint_1 and so on.

    Raises:
        FileNotFoundError: The YAML file or the images are missing.
        ValueError: A file is damaged, or the labels do not fit `kpt_shape`.
    """
    file = find_yaml(Path(source))
    settings = read_settings(file)
    with blaming(file):
        skeleton = settings.skeleton(skeleton)
    root = (file.parent / settings.path).resolve()
    paths = find_images(root, settings, split)
    sizes = [_size(path) for path in paths]
    rows, tables = [], []
    for number, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        labels = label_file(path)
        if labels.is_file():
            with blaming(labels):
                tables.append(_people(labels, size, settings))
            rows.append(np.full(len(tables[-1]), number))
    people = np.concatenate([np.empty((0, 4 + 3 * settings.num_keypoints)), *tables])
    points = people[:, 4:].reshape(-1, settings.num_keypoints, 3)
    names = [path.relative_to(root) if path.is_relative_to(root) else path for path in paths]
    with blaming(file):
        images = images_of([name.as_posix() for name in names], paths, sizes)
        of_image = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        return gather_arrays(skeleton, images, of_image, points, people[:, :4])


def _size(path: Path) -> tuple[int, int]:
    """Return width and height of an image as it is shown, from its header."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(EXIF_ORIENTATION) in EXIF_TURNED
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{path} is damaged or not an image; replace or remove it") from error
    return (height, width) if turned else (width, height)


def _people(file: Path, size: tuple[int, int], settings: Settings) -> Floats:
    """Return (N, 4 + 3 K): boxes x1 y1 x2 y2, then x, y and visibility of the points, pixels."""
    table = _table(file, BOX + settings.num_keypoints * settings.dimensions)
    points = table[:, BOX:].reshape(len(table), settings.num_keypoints, settings.dimensions)
    if settings.dimensions == 2:
        x, y = points[..., 0], points[..., 1]
        labelled = (x >= 0) & (y >= 0) & ((x > 0) | (y > 0))
        points = np.concatenate([points, SEEN * labelled[..., None]], axis=-1)
    visible = points[..., 2:]
    if not np.isin(visible, (0, 1, 2)).all():
        raise ValueError(
            "a keypoint's visibility is not 0, 1 or 2; a file with scores holds predictions, so "
            "give the labels"
        )
    middle, sides = table[:, 1:3], table[:, 3:5]
    parts = [table[:, 1:BOX].ravel(), points[..., :2][visible[..., 0] > 0].ravel()]
    extremes = np.concatenate(parts)
    if (sides < 0).any() or (extremes < -1).any() or (extremes > 2).any():
        raise ValueError(
            "a number is far outside 0..1; coordinates must be divided by the image's width and "
            "height"
        )
    boxes = np.concatenate([middle - sides / 2, middle + sides / 2], axis=1)
    scale = np.array([*size, 1])
    pixels = (np.where(visible > 0, points, 0) * scale).reshape(-1, 3 * settings.num_keypoints)
    return np.concatenate([boxes * np.tile(size, 2), pixels], axis=1)


def _table(file: Path, width: int) -> Floats:
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(
                f"row {number} has {len(row)} numbers; with this kpt_shape it needs {width}"
            )
    try:
        table: Floats = np.array(rows, dtype=np.float64).reshape(len(rows), width)
    except ValueError as error:
        raise ValueError(f"it has something that is no number ({error})") from error
    if not np.isfinite(table).all():
        raise ValueError("it has a number that is not finite; remove its row")
    return table
