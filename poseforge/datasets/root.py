import os
from pathlib import Path

VARIABLE = "POSEFORGE_DATA"
DEFAULT = "data"


class DataNotFoundError(FileNotFoundError):
    """A data set that is not on this machine; the message says where it was looked for."""


def data_folder(data_root: str | Path | None = None) -> Path:
    """Return the folder of all data sets: `data_root`, else $POSEFORGE_DATA, else ./data."""
    return Path(data_root or os.environ.get(VARIABLE) or DEFAULT).expanduser().resolve()


def find_data_root(
    name: str, data_root: str | Path | None = None, *, source: str | None = None
) -> Path:
    """Return the folder of one data set.

    Args:
        name: The data set's folder, such as "lsp".
        data_root: The folder of all data sets; None for $POSEFORGE_DATA, or ./data if unset.
        source: Where everyone has to get it for themselves; None if `poseforge data download` does.

    Raises:
        DataNotFoundError: There is no such folder.
    """
    folder = data_folder(data_root) / name
    if not folder.is_dir():
        get = f"get it from {source}" if source else f"run `poseforge data download {name}`"
        raise DataNotFoundError(
            f"the data set '{name}' is not at {folder}; {get}, or set {VARIABLE} (or data_root) to "
            f"the folder that holds '{name}', or run configs/quickstart.py, which needs no data"
        )
    return folder
