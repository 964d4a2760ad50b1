"""Run a model over a data set, every sample once over all processes, and score it."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.engine import distributed
from poseforge.evaluation.base import Metric, Report
from poseforge.models.device import Amp, autocast, to_device
from poseforge.models.estimators.base import Estimator
from poseforge.reports import scoring
from poseforge.structures import Batch, Detections, Predictions
from poseforge.structures.affine import Floats


@torch.inference_mode()
def predict_dataset(
    estimator: Estimator,
    batches: Iterable[Batch],
    names: NDArray[np.str_],
    device: torch.device,
    *,
    amp: Amp | None = None,
    advance: Callable[[int], None] | None = None,
) -> Predictions | Detections:
    """Predict every sample of a data set once, shared among the processes.

    Args:
        estimator: The model; it is in evaluation mode during the call.
        batches: This process's share.
        names: What the data set calls its samples, in its order.
        device: Where the model is.
        amp: Precision.
        advance: Called with the number of samples after each batch.

    Returns:
        One pose a person, or, where samples are scenes, detections.

    Raises:
        RuntimeError: Some sample came twice or not at all.
    """
    was_training = estimator.training
    estimator.eval()
    parts = []
    for batch in batches:
        with autocast(device.type, amp):
            prediction = estimator(to_device(batch, device), "predict")
        values = (prediction["keypoints"].float().cpu(), prediction["scores"].float().cpu())
        parts.append((batch["index"].numpy(), *(value.numpy() for value in values)))
        if advance:
            advance(len(batch["index"]))
    estimator.train(was_training)
    return _join([part for share in distributed.gather(parts) for part in share], names)


def _join(
    parts: list[tuple[Floats, Floats, Floats]], names: NDArray[np.str_]
) -> Predictions | Detections:
    index = np.concatenate([part[0] for part in parts])
    if len(index) != len(names) or len(np.unique(index)) != len(names):
        raise RuntimeError(
            f"evaluation saw {len(index)} samples, {len(np.unique(index))} of them different, of a "
            f"data set of {len(names)}; every sample must come exactly once"
        )
    if parts[0][1].ndim == 4:
        return _detections(parts, names)
    order = np.argsort(index)
    keypoints = np.concatenate([part[1] for part in parts])[order]
    scores = np.concatenate([part[2] for part in parts])[order]
    return Predictions(names, keypoints, scores)


def _detections(parts: list[tuple[Floats, Floats, Floats]], names: NDArray[np.str_]) -> Detections:
    """Return who was found in scenes, scene by scene.

    A person is ranked by the mean of all keypoints' scores, 0 for those that were not found.

    Args:
        parts: Of batches: the scenes' numbers (B,), keypoints (B, P, K, 2), image pixels, NaN where
            not found, and scores (B, P, K), 0 where not found; all 0 is nobody.
        names: Of all scenes.
    """
    found = []
    for index, keypoints, scores in parts:
        scene, person = np.nonzero((scores > 0).any(axis=-1))
        found.append((index[scene], keypoints[scene, person], scores[scene, person]))
    images, keypoints, scores = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    order = np.argsort(images, kind="stable")
    scores = scores[order]
    return Detections(names[images[order]], keypoints[order], scores, scores.mean(axis=-1))


def score(
    predictions: Predictions | Detections, dataset: PoseDataset, metrics: list[Metric]
) -> list[Report]:
    """Return every metric's report.

    Raises:
        ValueError: A metric needs annotated people, and the boxes are a detector's.
    """
    return scoring.score(predictions, scoring.truth_of(dataset), metrics)


def headline(reports: list[Report]) -> float:
    """Return what the best checkpoint is chosen by: the first metric's first value.

    It is negated where a smaller number is the better one, so that larger is better.
    """
    value = next(iter(reports[0].values.values()))
    return value if reports[0].higher_is_better else -value
