"""Predictions into the file that suits them."""

from pathlib import Path

from poseforge.formats.predictions.coco_results import write_coco_results
from poseforge.formats.predictions.own_json import write_json
from poseforge.formats.predictions.own_npz import write_npz
from poseforge.structures import Detections, Predictions, Skeleton


def write_predictions(
    predictions: Predictions | Detections, skeleton: Skeleton, path: Path
) -> None:
    """Write one pose a person as .npz or .json, and detections as COCO results, a .json.

    Raises:
        ValueError: The suffix is of another kind of file.
        OSError: The file cannot be written; `path` is as it was.
    """
    suffix = path.suffix.lower()
    if isinstance(predictions, Detections) and suffix == ".json":
        write_coco_results(predictions, path)
    elif isinstance(predictions, Predictions) and suffix == ".json":
        write_json(predictions, skeleton, path)
    elif isinstance(predictions, Predictions) and suffix == ".npz":
        write_npz(predictions, skeleton, path)
    else:
        allowed = "a .json file" if isinstance(predictions, Detections) else ".npz or .json"
        raise ValueError(f"predictions cannot be written as {path}; name {allowed}")
