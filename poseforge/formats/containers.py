"""Files that hold named arrays (.npz, .mat, .h5), opened with errors one can act on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

Arrays: TypeAlias = dict[str, NDArray[Any]]


def load_npz(path: Path) -> Arrays:
    """Return all arrays of an .npz file, without unpickling anything.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is empty, damaged, no .npz file, or holds pickled objects.
    """
    return _opened(path, "an .npz file", _read_npz)


def load_mat(path: Path) -> Arrays:
    """Return all variables of a MATLAB file, with the exceptions of `load_npz`."""
    return _opened(path, "a MATLAB file of version 7 or older", _read_mat)


def load_hdf5(path: Path) -> Arrays:
    """Return all data sets at the root of an HDF5 file, with the exceptions of `load_npz`."""
    return _opened(path, "an HDF5 file", _read_hdf5)


# Readers of array files by suffix.
LOADERS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": load_npz,
    ".mat": load_mat,
    ".h5": load_hdf5,
    ".hdf5": load_hdf5,
}


def check_suffix(path: Path, what: str) -> str:
    """Return a file's suffix in small letters.

    Args:
        path: The file.
        what: It should hold, such as "predictions".

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No reader knows the suffix.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path} with {what}; check the path")
    suffix = path.suffix.lower()
    known = (".json", *LOADERS)
    if suffix not in known:
        raise ValueError(
            f"{path} has the suffix '{path.suffix}', which no reader knows; {what} can be read "
            f"from {', '.join(known)}"
        )
    return suffix


def demand(path: Path, arrays: Arrays, *names: str) -> list[NDArray[Any]]:
    """Return the named arrays.

    Raises:
        ValueError: One is missing; the message names those that are there.
    """
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ValueError(
            f"{path} has no array {' and no '.join(missing)}; it has {_listed(arrays)}, and such a "
            f"file needs {', '.join(names)}"
        )
    return [arrays[name] for name in names]


def pick(path: Path, arrays: Arrays, names: tuple[str, ...]) -> str:
    """Return the one of several names that a file has.

    Raises:
        ValueError: It has none of them, or more than one; the message names those that are there.
    """
    found = [name for name in names if name in arrays]
    if len(found) != 1:
        raise ValueError(
            f"{path} has the arrays {_listed(arrays)}, but it needs exactly one of "
            f"{', '.join(names)}"
        )
    return found[0]


def _listed(arrays: Arrays) -> str:
    return ", ".join(arrays) or "none"


def _opened(path: Path, kind: str, read: Callable[[Path], Arrays]) -> Arrays:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; check the path")
    if not path.stat().st_size:
        raise ValueError(f"{path} is empty; write it anew")
    try:
        return read(path)
    except Exception as error:  # every library has its own exceptions for every kind of damage
        if "pickle" in str(error):
            raise ValueError(
                f"{path} holds pickled objects, which could run code when they are read; save "
                "arrays of numbers and strings only"
            ) from error
        raise ValueError(f"{path} is damaged or not {kind} ({error}); write it anew") from error


def _read_npz(path: Path) -> Arrays:
    if not is_zipfile(path):
        raise ValueError("it is no zip archive of arrays")
    with np.load(path, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}


def _read_mat(path: Path) -> Arrays:
    from scipy.io import loadmat

    content = loadmat(path)
    return {name: value for name, value in content.items() if not name.startswith("__")}


def _read_hdf5(path: Path) -> Arrays:
    import h5py

    with h5py.File(path) as content:
        return {name: item[()] for name, item in content.items() if isinstance(item, h5py.Dataset)}
