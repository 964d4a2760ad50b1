"""What can disagree between the parts of a config, found before the first step."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import SampleStream
from poseforge.datasets.workers import check_memory
from poseforge.engine.settings import LoaderSettings
from poseforge.models.estimators.base import Estimator
from poseforge.transforms.pack import picture_size


class SetupError(ValueError):
    """Parts that do not fit together; the message says which and what to change."""


def check_work_dir(path: Path) -> None:
    """Make the run's folder and see that it can be written.

    Raises:
        SetupError: It cannot.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise SetupError(
            f"the run's folder {path} cannot be written: {os.strerror(error.errno or 0)}; "
            "name another with --work-dir"
        ) from error


def check_dataset(role: str, dataset: PoseDataset, estimator: Estimator, *, train: bool) -> None:
    """See that a data set has people, labels where it is to teach, and the model's keypoints.

    Args:
        role: What the message calls it, such as `train_dataloader`.
        dataset: The data set.
        estimator: The model.
        train: Whether it is to be trained on.

    Raises:
        SetupError: It has none, or others.
    """
    if len(dataset) == 0:
        raise SetupError(f"{role}: the data set {dataset.name} is empty; nothing can be learnt")
    # Annotations of everyone may take long to compute; mostly the first sample will do.
    if train and not (dataset[0]["visible"].any() or dataset.people.to_find.any()):
        raise SetupError(
            f"{role}: nobody in the data set {dataset.name} has a labelled keypoint, so nothing "
            "can be learnt; train on annotated people, and keep a detector's boxes for testing"
        )
    ours, theirs = estimator.skeleton, dataset.skeleton
    if ours.keypoints != theirs.keypoints:
        raise SetupError(
            f"{role}: the data set {dataset.name} has the {theirs.num_keypoints} keypoints of "
            f"'{theirs.name}', the model the {ours.num_keypoints} of '{ours.name}'; give both the "
            "same skeleton"
        )


def check_samples(role: str, stream: SampleStream, estimator: Estimator, *, train: bool) -> None:
    """See that samples are what the model takes: people or scenes, in crops of the codec's size.

    Scenes to train on may have any size that the codec's cells divide.

    Args:
        role: What the message calls them, such as `train_dataloader`.
        stream: The samples.
        estimator: The model.
        train: Whether they are to be trained on.

    Raises:
        SetupError: They are not.
    """
    codec, arrays = estimator.codec, stream[(0, 0)]["arrays"]
    if (arrays["keypoints"].ndim == 3) != estimator.of_scenes:
        kinds = ["scenes", "one person"]
        given, wanted = reversed(kinds) if estimator.of_scenes else kinds
        raise SetupError(
            f"{role}: its samples are of {given}, but a {type(estimator).__name__} takes {wanted}; "
            "wrap the data set of a bottom-up model, and no other, in Scenes"
        )
    size = picture_size(arrays)
    if train and estimator.of_scenes:
        try:
            codec = replace(codec, input_size=size)
        except ValueError as error:
            raise SetupError(f"{role}: its transforms' crops do not fit: {error}") from error
    if size != codec.input_size:
        raise SetupError(
            f"{role}: its transforms end in crops of {size[0]} x {size[1]} pixels, but the codec "
            f"works on {codec.input_size[0]} x {codec.input_size[1]}; set the crop's size and "
            "codec.input_size alike"
        )


def check_workers(role: str, stream: SampleStream, settings: LoaderSettings) -> None:
    """See that there is memory for a loader's processes and the batches that they have ready.

    Raises:
        SetupError: There is not.
    """
    arrays = stream[(0, 0)]["arrays"].values()
    sample_bytes = sum(array.nbytes for array in arrays)  # type: ignore[attr-defined]
    try:
        check_memory(sample_bytes, settings.batch_size, settings.num_workers)
    except ValueError as error:
        raise SetupError(f"{role}: {error}") from error
