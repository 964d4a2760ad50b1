"""Pictures of predictions, from a data set and the arrays that a model predicted for it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.structures import Detections, Predictions, affine
from poseforge.transforms import Crop, Read
from poseforge.visualization.draw import draw_skeleton, sheet

CELL = 256


def prediction_picture(
    dataset: PoseDataset, predictions: Predictions | Detections, row: int
) -> NDArray[np.uint8]:
    """Draw one person's prediction on a crop around its box, or all of a scene's."""
    padding, people = 1.4, predictions.keypoints[row : row + 1]
    if isinstance(predictions, Detections):
        shown = predictions.image_ids == dataset.sample_names[row]
        padding, people = 1.0, predictions.keypoints[shown]
    rng = np.random.default_rng(0)  # Read and Crop draw nothing from it
    sample = Crop((CELL, CELL), padding=padding)(Read()(dataset[row], rng), rng)
    picture = sample["image"]
    for points in affine.apply(sample["matrix"], people):
        picture = draw_skeleton(picture, points, dataset.skeleton)
    return picture


def prediction_sheet(
    dataset: PoseDataset,
    predictions: Predictions | Detections,
    rows: Sequence[int],
    *,
    columns: int = 4,
) -> NDArray[np.uint8]:
    """Draw several samples' predictions side by side."""
    pictures = [prediction_picture(dataset, predictions, row) for row in rows]
    return sheet(pictures, columns, cell_size=(CELL, CELL))
