"""Boxes from a file, by image."""

import json
import os
from pathlib import Path
from typing import Any, cast

from poseforge.inference.crops import as_boxes
from poseforge.structures.affine import Floats


class BoxesFile:
    """The boxes of a JSON Lines file: `{"image": "a.jpg", "boxes": [[x1, y1, x2, y2], ...]}` each.

    What poses are written as is of this form too, so that one model's boxes are another's input;
    lines with an `error` are passed over. Paths are relative to the current folder or absolute.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: It is not there.
        ValueError: A line is not of this form; the message has its number.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"there is no file of boxes '{path}'; check the path")
        self.path = path
        self._boxes: dict[str, Floats] = {}
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                record = _read(line, f"line {number} of '{path}'")
                if "error" not in record:
                    image = os.path.abspath(record["image"])
                    self._boxes[image] = as_boxes(
                        record["boxes"], f"'{record['image']}', line {number} of '{path}',"
                    )

    def __call__(self, image: str) -> Floats:
        """Return an image's boxes (P, 4), image pixels.

        Raises:
            ValueError: The file does not have the image.
        """
        found = self._boxes.get(os.path.abspath(image))
        if found is None:
            raise ValueError(
                f"the file of boxes '{self.path}' has no line for '{image}'; add one, with an "
                "empty list where nobody is"
            )
        return found


def _read(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    named = isinstance(record, dict) and isinstance(record.get("image"), str)
    if named and ("boxes" in record or "error" in record):
        return cast(dict[str, Any], record)
    raise ValueError(
        f'{where} is not of the form {{"image": "a.jpg", "boxes": [[x1, y1, x2, y2]]}}; write '
        "each image so, on one line"
    )
