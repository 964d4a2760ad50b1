"""The tables in which DeepLabCut keeps points: a row a frame, a column a coordinate."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats

Column = tuple[str, str, str]
HEADER = ("scorer", "individuals", "bodyparts", "coords")


@dataclass(frozen=True)
class Table:
    """Points as DeepLabCut keeps them.

    Attributes:
        columns: The individual ("" where there is one), the bodypart and the coordinate of each.
        images: The frame of each row, relative to the project's folder.
        values: (rows, columns) pixels; NaN where not labelled.
    """

    columns: list[Column]
    images: list[str]
    values: Floats


def read_csv_table(path: Path) -> Table:
    """Read a table from text.

    Raises:
        ValueError: The header is not DeepLabCut's, or a cell is no number.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.reader(file) if row]
    header = {row[0]: row for row in rows[: len(HEADER)] if row[0] in HEADER}
    body = rows[len(header) :]
    if not {"scorer", "bodyparts", "coords"} <= set(header):
        raise _no_table()
    # A frame is one cell, or the three of folder, video and file.
    start = next((n for n, cell in enumerate(header["scorer"]) if n and cell), 1)
    width = len(header["coords"])
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(f"row {number} has {len(row)} cells, but that of 'coords' {width}")
    columns = _columns({name: row[start:] for name, row in header.items()})
    values = [[_number(cell) for cell in row[start:]] for row in body]
    return Table(
        columns,
        [_image(row[:start]) for row in body],
        np.array(values, dtype=np.float64).reshape(len(body), len(columns)),
    )


def read_hdf_table(path: Path) -> Table:
    """Read a table that pandas wrote in its "fixed" format, without pandas.

    Raises:
        ValueError: The file is damaged, or pandas wrote it in another format.
    """
    try:
        with h5py.File(path) as file:
            (group,) = file.values()
            if group.attrs["pandas_type"] != b"frame":
                raise ValueError
            return _frame(group)
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise ValueError(
            "it is damaged or not a table as DeepLabCut writes annotations, pandas' fixed format; "
            "give the .csv file beside it"
        ) from error


def _frame(group: h5py.Group) -> Table:
    columns = _columns(_names(group, "axis0"))
    index = _levels(group, "axis1") if "axis1_level0" in group else [_texts(group["axis1"])]
    images = [_image(cells) for cells in zip(*index, strict=True)]
    values = np.full((len(images), len(columns)), np.nan)
    for number in range(group.attrs["nblocks"]):
        items = _columns(_names(group, f"block{number}_items"))
        places = [columns.index(item) for item in items]
        values[:, places] = group[f"block{number}_values"][:].astype(np.float64)
    return Table(columns, images, values)


def _names(group: h5py.Group, axis: str) -> dict[str, list[str]]:
    """Return the header rows of an axis by their names."""
    rows = _levels(group, axis)
    titles = [group[f"{axis}_level{n}"].attrs["name"].decode() for n in range(len(rows))]
    return dict(zip(titles, rows, strict=True))


def _levels(group: h5py.Group, axis: str) -> list[list[str]]:
    """Return each level of a compound index, spelt out."""
    rows = []
    for number in range(group.attrs[f"{axis}_nlevels"]):
        names = _texts(group[f"{axis}_level{number}"])
        rows.append([names[code] for code in group[f"{axis}_label{number}"][:]])
    return rows


def _texts(dataset: h5py.Dataset) -> list[str]:
    if dataset.dtype.kind != "S":
        raise ValueError
    cells: NDArray[np.bytes_] = dataset[:]
    return [cell.decode() for cell in cells.tolist()]


def _columns(header: dict[str, list[str]]) -> list[Column]:
    bodyparts, coordinates = header["bodyparts"], header["coords"]
    individuals = header.get("individuals", [""] * len(bodyparts))
    return list(zip(individuals, bodyparts, coordinates, strict=True))


def _image(cells: Sequence[str]) -> str:
    return "/".join(cells).replace("\\", "/")


def _number(cell: str) -> float:
    try:
        return float(cell) if cell else math.nan
    except ValueError as error:
        raise ValueError(f"the cell {cell!r} is not a number; mend it or leave it empty") from error


def _no_table() -> ValueError:
    return ValueError(
        "its first rows are not 'scorer', 'bodyparts' and 'coords'; give DeepLabCut's "
        "CollectedData_*.csv"
    )
