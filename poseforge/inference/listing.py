"""The image files that folders, patterns and lists stand for, one by one."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif")
LIST = ".txt"


def list_images(inputs: Iterable[str | Path]) -> Iterator[str]:
    """Give the paths of images, in the same order every time; millions take no memory.

    Args:
        inputs: Files; folders, whose images are those with an image's suffix, folders below
            included, in the order of their names; patterns such as `day/*.jpg` or `**/*.png`; and
            `.txt` files with one of these a line.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: A folder, pattern or list holds no image.
    """
    for name in map(str, inputs):
        yield from _of_list(name) if name.endswith(LIST) else _of_input(name)


def is_image_file(name: str) -> bool:
    """Say whether an input stands for one image, and not for a list, folder or pattern."""
    return not name.endswith(LIST) and os.path.isfile(name)


def _of_list(path: str) -> Iterator[str]:
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no list of images '{path}'; check the path")
    empty = True
    with open(path, encoding="utf-8") as lines:
        for line in filter(None, map(str.strip, lines)):
            empty = False
            yield from _of_input(line)
    if empty:
        raise ValueError(f"the list of images '{path}' is empty; write one path a line")


def _of_input(name: str) -> Iterator[str]:
    if os.path.isfile(name):
        yield name
        return
    if os.path.isdir(name):
        found, what = _of_folder(name, frozenset()), "folder"
    elif glob.has_magic(name):
        found, what = _of_pattern(name), "pattern"
    else:
        raise FileNotFoundError(
            f"there is no image, folder or list '{name}'; check the path, or quote a pattern such "
            "as 'day/*.jpg'"
        )
    empty = True
    for path in found:
        empty = False
        yield path
    if empty:
        raise ValueError(
            f"the {what} '{name}' has no image in it; images end in {', '.join(SUFFIXES)}"
        )


def _of_pattern(pattern: str) -> Iterator[str]:
    for path in sorted(glob.iglob(pattern, recursive=True)):
        if path.lower().endswith(SUFFIXES) and os.path.isfile(path):
            yield path


def _of_folder(folder: str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    """Walk a folder; `above` are the folders that it lies in, into which a link may lead back."""
    status = os.stat(folder)
    here = status.st_dev, status.st_ino
    if here in above:
        return
    with os.scandir(folder) as entries:
        kept = sorted(
            (entry.name, entry.is_dir())
            for entry in entries
            if entry.name.lower().endswith(SUFFIXES) or entry.is_dir()
        )
    for name, is_folder in kept:
        path = os.path.join(folder, name)
        if is_folder:
            yield from _of_folder(path, above | {here})
        else:
            yield path
