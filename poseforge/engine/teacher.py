"""A trained model's poses of a data set's people, to hold their labels against."""

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import build_loader
from poseforge.engine.evaluation import predict_dataset
from poseforge.engine.pictures import CELL, prediction_picture
from poseforge.inference.checkpoint_model import CheckpointModel
from poseforge.models.device import choose_device
from poseforge.structures import Predictions
from poseforge.visualization.draw import sheet

BATCH_SIZE = 64


def predict_people(
    teacher: CheckpointModel,
    dataset: PoseDataset,
    *,
    flip: bool = False,
    device: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Predictions:
    """Predict everyone of a data set, cropped as the teacher was validated.

    Args:
        teacher: The model and its crops.
        dataset: Whose people.
        flip: Average with the mirrored picture's prediction.
        device: "cpu", "cuda" or "cuda:N"; None is a GPU where there is one.
        progress: Told after each batch how many people are predicted, and how many there are.

    Raises:
        ValueError: The teacher predicts other keypoints, or whole scenes.
    """
    estimator = teacher.estimator
    if estimator.of_scenes or estimator.skeleton.keypoints != dataset.skeleton.keypoints:
        raise ValueError(
            f"the checkpoint's model predicts '{estimator.skeleton.name}'"
            f"{' in whole scenes' if estimator.of_scenes else ''}, and {dataset.name} is labelled "
            f"by '{dataset.skeleton.name}', a person at a time; give a checkpoint of such a model"
        )
    chosen = choose_device(device)
    estimator = estimator.to(chosen).to(memory_format=torch.channels_last)
    estimator.flip_test = flip
    loader = build_loader(dataset, teacher.transforms, batch_size=BATCH_SIZE, train=False)
    done = count(BATCH_SIZE, BATCH_SIZE)
    found = predict_dataset(
        estimator,
        loader,
        dataset.sample_names,
        chosen,
        advance=lambda _: progress(min(next(done), len(dataset)), len(dataset)),
    )
    if not isinstance(found, Predictions):
        raise TypeError("a model of single people gave detections")
    return found


def disagreement_sheet(
    dataset: PoseDataset, predictions: Predictions, rows: Sequence[int], *, columns: int = 4
) -> NDArray[np.uint8]:
    """Draw people in pairs: as labelled, and beside it as the teacher sees them."""
    people = dataset.people
    seen = np.where(people.visible[..., None] > 0, people.keypoints, np.nan)
    labels = Predictions(people.ids, seen, people.visible)
    pictures = [
        prediction_picture(dataset, poses, row) for row in rows for poses in (labels, predictions)
    ]
    return sheet(pictures, 2 * columns, cell_size=(CELL, CELL))
