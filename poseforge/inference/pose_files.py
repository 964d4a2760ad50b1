"""Files of poses, one record an image."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from poseforge.files import replacing
from poseforge.inference.poses import ImagePoses
from poseforge.structures.affine import Floats

Writer: TypeAlias = Callable[[Path, Iterable[ImagePoses]], None]
DECIMALS = 3  # of coordinates and scores in JSON


def write_jsonl(path: Path, images: Iterable[ImagePoses]) -> None:
    """Write JSON Lines, as the images come: `image`, `boxes`, `keypoints`, `scores` or `error`.

    A keypoint that was not found is [null, null]. `note` is there where there is something to know.

    Raises:
        OSError: It cannot be written; then there is no such file.
    """
    with replacing(path) as aside, aside.open("w", encoding="utf-8") as file:
        for poses in images:
            file.write(to_line(poses))


def to_line(poses: ImagePoses, **more: Any) -> str:
    """Return an image's poses as a line of JSON.

    Args:
        poses: Of the image.
        more: What else the line holds; plain values by name.
    """
    values = {
        key: _rounded(value) if isinstance(value, np.ndarray) else value
        for key, value in {**_record(poses), **more}.items()
        if value is not None
    }
    return json.dumps(values, allow_nan=False, separators=(",", ":")) + "\n"


def write_parquet(path: Path, images: Iterable[ImagePoses]) -> None:
    """Write Parquet: the columns of `write_jsonl`, coordinates as nested lists of float32.

    A keypoint that was not found is NaN.

    Raises:
        ValueError: The package pyarrow is not installed.
        OSError: It cannot be written; then there is no such file.
    """
    check_format("parquet")
    import pyarrow
    from pyarrow import parquet

    rows = pyarrow.list_(pyarrow.float32())
    types = {"boxes": pyarrow.list_(rows), "scores": pyarrow.list_(rows)}
    types["keypoints"] = pyarrow.list_(types["boxes"])
    names = ("image", "boxes", "keypoints", "scores", "note", "error")
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in names])
    records = [
        {key: v.tolist() if isinstance(v, np.ndarray) else v for key, v in _record(poses).items()}
        for poses in images
    ]
    with replacing(path) as aside:
        parquet.write_table(pyarrow.Table.from_pylist(records, schema), aside)


FORMATS: dict[str, Writer] = {"jsonl": write_jsonl, "parquet": write_parquet}


def check_format(name: str) -> None:
    """See that poses can be written in a format.

    Raises:
        ValueError: What it needs is not installed.
    """
    if name != "parquet":
        return
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "Parquet needs the package pyarrow, which cannot be imported "
            f"({error}); install it with pip install poseforge[parquet], or choose jsonl"
        ) from error


def _record(poses: ImagePoses) -> dict[str, Any]:
    if poses.error is not None:
        return {"image": poses.path, "error": poses.error}
    return {
        "image": poses.path,
        "boxes": poses.boxes,
        "keypoints": poses.keypoints,
        "scores": poses.scores,
        "note": poses.note,
    }


def _rounded(values: Floats) -> Any:
    rounded = values.astype(np.float64).round(DECIMALS)
    found = np.isfinite(rounded)
    if not found.all():
        rounded = rounded.astype(object)
        rounded[~found] = None
    return rounded.tolist()
