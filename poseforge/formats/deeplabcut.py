"""DeepLabCut's annotations: `CollectedData_<scorer>.csv` and `.h5`, of one animal or several.

Coordinates count pixels from the middle of the first, as here.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.annotations import Annotations
from poseforge.formats.deeplabcut_tables import Table, read_csv_table, read_hdf_table
from poseforge.formats.gathering import gather_arrays, images_of, skeleton_of_labels
from poseforge.formats.reading import blaming, check_file
from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats

SEEN = 2
# Where DeepLabCut keeps what is no animal's own, such as the corners of a cage.
UNIQUE = "single"


def read_deeplabcut(
    source: Path, *, image_root: Path | None = None, skeleton: Skeleton | None = None
) -> Annotations:
    """Read the labelled frames of a DeepLabCut project, or of one video.

    An individual is a person where a point of it is labelled. Every labelled point counts as seen.
    Points of the project's unique bodyparts are left out where there are individuals too.

    Args:
        source: `CollectedData_*.csv` or `.h5`, or the project's folder, of which the tables in
            `labeled-data/*/` are read, the .csv where both are there.
        image_root: The folder that frames count from, which the project is; None for the folder
            above `labeled-data`, or the file's own where it lies elsewhere.
        skeleton: What the keypoints are; None for the bodyparts in the order of the files.

    Raises:
        FileNotFoundError: There is no such file, or no table in the folder.
        ValueError: The file is damaged, or no table of annotations.
    """
    source = Path(source)
    files = _tables_of_project(source) if source.is_dir() else [source]
    if not files:
        raise FileNotFoundError(
            f"{source} has no labeled-data/*/CollectedData_*.csv or .h5; give a DeepLabCut "
            "project's folder, or the path of such a file"
        )
    tables = {file: _read(file) for file in files}
    animals = {file: _animals(file, table) for file, table in tables.items()}
    with blaming(source):
        bodyparts = dict.fromkeys(part for _, parts in animals.values() for part in parts)
        skeleton = skeleton_of_labels(list(bodyparts), skeleton, name="animal")
        names: list[str] = []
        paths: list[Path] = []
        rows, points = [], []
        for file, table in tables.items():
            frame, people = _people(table, animals[file][0], skeleton)
            rows.append(frame + len(names))
            points.append(people)
            root = _project(file) if image_root is None else Path(image_root)
            names += table.images
            paths += [root / name for name in table.images]
        images = images_of(names, paths, [(0, 0)] * len(names))
        everyone = np.concatenate(points)
        no_boxes = np.full((len(everyone), 4), np.nan)
        return gather_arrays(skeleton, images, np.concatenate(rows), everyone, no_boxes)


def _tables_of_project(folder: Path) -> list[Path]:
    tables: dict[Path, Path] = {}
    for suffix in (".h5", ".csv"):
        for file in sorted(folder.glob(f"labeled-data/*/CollectedData_*{suffix}")):
            tables[file.with_suffix("")] = file
    return [tables[stem] for stem in sorted(tables)]


def _read(file: Path) -> Table:
    check_file(file)
    readers = {".csv": read_csv_table, ".h5": read_hdf_table, ".hdf5": read_hdf_table}
    if file.suffix.lower() not in readers:
        raise ValueError(f"{file} is neither .csv nor .h5; give DeepLabCut's CollectedData_*.csv")
    with blaming(file):
        return readers[file.suffix.lower()](file)


def _project(file: Path) -> Path:
    folder = file.parent
    return folder.parent.parent if folder.parent.name == "labeled-data" else folder


def _animals(file: Path, table: Table) -> tuple[list[str], list[str]]:
    """Return the names of the individuals and of their bodyparts."""
    coordinates = {coordinate for _, _, coordinate in table.columns}
    if coordinates != {"x", "y"}:
        raise ValueError(
            f"{file} has the coordinates {', '.join(sorted(coordinates))}, where annotations have "
            "x and y; a file with 'likelihood' holds predictions, so give CollectedData_*.csv"
        )
    if len(set(table.columns)) != len(table.columns):
        raise ValueError(
            f"{file} has two columns for the same coordinate; give a file with one scorer"
        )
    individuals = list(dict.fromkeys(individual for individual, _, _ in table.columns))
    if len(individuals) > 1 and UNIQUE in individuals:
        individuals.remove(UNIQUE)
    bodyparts = dict.fromkeys(part for who, part, _ in table.columns if who in individuals)
    return individuals, list(bodyparts)


def _people(
    table: Table, individuals: list[str], skeleton: Skeleton
) -> tuple[NDArray[np.int64], Floats]:
    """Return the frame (N,) and the points (N, K, 3) of everyone with a labelled point."""
    position = {column: number for number, column in enumerate(table.columns)}
    # The column behind the last is that of whatever the table has no column for.
    values = np.concatenate([table.values, np.full((len(table.values), 1), np.nan)], axis=1)
    wanted = [
        [
            [position.get((individual, name, axis), -1) for axis in "xy"]
            for name in skeleton.keypoints
        ]
        for individual in individuals
    ]
    points = values[:, np.array(wanted)]  # (frames, individuals, K, 2)
    labelled = np.isfinite(points).all(axis=-1)
    points = np.where(labelled[..., None], points, 0)
    everyone = np.concatenate([points, SEEN * labelled[..., None]], axis=-1)
    frame, individual = np.nonzero(labelled.any(axis=-1))
    return frame.astype(np.int64), everyone[frame, individual]
