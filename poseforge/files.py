"""Files that are either as they were or wholly new, whatever happens while they are written."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to; on success it takes `path`'s place.

    What was written is flushed to the disk before the rename, so that neither a full disk nor a
    kill leaves half a file. Missing folders are made.

    Raises:
        OSError: The file cannot be written; `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        yield aside
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")


def check_writable(folder: Path) -> None:
    """Make a folder and see that files can be written into it, before long work is done for them.

    Raises:
        ValueError: They cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"the folder {folder} cannot be written to ({os.strerror(error.errno or 0)}); name "
            "another with --out"
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process at a time be here, of all that use the folder, which is made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
