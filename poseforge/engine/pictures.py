"""Pictures of predictions, from a data set and the arrays that a model predicted for it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.structures import Predictions, affine
from poseforge.transforms import Crop, Read
from poseforge.visualization.draw import draw_skeleton, sheet

CELL = 256


def prediction_picture(
    dataset: PoseDataset, predictions: Predictions, row: int
) -> NDArray[np.uint8]:
    """Draw one person's prediction on a crop around its box."""
    rng = np.random.default_rng(0)  # Read and Crop draw nothing from it
    sample = Crop((CELL, CELL), padding=1.4)(Read()(dataset[row], rng), rng)
    points = affine.apply(sample["matrix"], predictions.keypoints[row])
    return draw_skeleton(sample["image"], points, dataset.skeleton)


def prediction_sheet(
    dataset: PoseDataset, predictions: Predictions, rows: Sequence[int], *, columns: int = 4
) -> NDArray[np.uint8]:
    """Draw several people's predictions side by side."""
    pictures = [prediction_picture(dataset, predictions, row) for row in rows]
    return sheet(pictures, columns, cell_size=(CELL, CELL))
