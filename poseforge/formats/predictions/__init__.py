"""Files of predictions: our own, COCO results, and the layouts that papers publish theirs in."""

from poseforge.formats.predictions.coco_results import write_coco_results
from poseforge.formats.predictions.own_json import write_json
from poseforge.formats.predictions.own_npz import write_npz
from poseforge.formats.predictions.reading import read_predictions
from poseforge.formats.predictions.writing import write_predictions

__all__ = ["read_predictions", "write_coco_results", "write_json", "write_npz", "write_predictions"]
