"""Opening the files of other tools, with one sentence for whatever is wrong with them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def blaming(place: object) -> Iterator[None]:
    """Put a file's or another place's name in front of every ValueError that is raised inside.

    Raises:
        ValueError: Something inside raised one.
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def check_unique(ids: Sequence[str], what: str) -> None:
    """Raise a ValueError where two things of a file have the same id."""
    if len(set(ids)) != len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise ValueError(f"two {what}s have the id {twice}; ids must differ")


def check_file(path: Path) -> None:
    """Raise a FileNotFoundError where `path` is not a file."""
    if not path.is_file():
        kind = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {kind}; give the path of an annotation file")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not JSON, or is cut off.
    """
    check_file(path)
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(
            f"{path} is not whole JSON ({error}); export or download it again"
        ) from error
