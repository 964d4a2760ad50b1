"""Test: a checkpoint's benchmark table, beside the mean pose's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import collate
from poseforge.engine import distributed
from poseforge.engine.adapters import to_device
from poseforge.engine.checks import check_dataset, check_samples
from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World, choose_device
from poseforge.engine.evaluation import Predictions, predict_dataset, score
from poseforge.engine.pictures import prediction_picture
from poseforge.engine.train import build_data, build_metrics
from poseforge.evaluation.base import Metric, Report
from poseforge.evaluation.mean_pose import mean_pose, paste
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import load_weights, read_checkpoint
from poseforge.models.estimators.base import Estimator
from poseforge.registry import DATASETS, build
from poseforge.visualization.files import save_image
from poseforge.visualization.heatmaps import joint_sheet, stages_sheet


@dataclass(frozen=True)
class TestResult:
    """What a test found.

    Attributes:
        label: Model and test-time settings, as a table's row is called.
        reports: The model's, one a metric.
        floor: The mean pose's, one a metric.
        protocol: Data set and crop, in words.
        predictions: For every person of the data set.
        dataset: What was tested on.
    """

    label: str
    reports: list[Report]
    floor: list[Report]
    protocol: str
    predictions: Predictions
    dataset: PoseDataset


def test(
    config: RunConfig,
    checkpoint: Path,
    console: Console,
    *,
    launcher: str = "none",
    flip: bool = False,
    scales: Sequence[float] = (1.0,),
    show_dir: Path | None = None,
    show: int = 20,
) -> TestResult | None:
    """Score a checkpoint on the config's test set.

    Args:
        config: Whose `test_dataloader` and `metrics` are used.
        checkpoint: The weights.
        console: Where to show progress.
        launcher: "none", or "pytorch" under torchrun.
        flip: Average with the mirrored picture's prediction.
        scales: Average over enlargements of the crop.
        show_dir: Where pictures of predictions and heatmaps go.
        show: How many people are drawn.

    Returns:
        The result; None on processes other than the first.

    Raises:
        CheckpointError: The file is broken, refused, or of another model.
    """
    world = distributed.start(launcher, config.values["device"])
    try:
        return _test(config, checkpoint, console, world, flip, scales, show_dir, show)
    finally:
        distributed.stop()


def _test(  # noqa: PLR0913 - the public function's arguments
    config: RunConfig,
    checkpoint: Path,
    console: Console,
    world: World,
    flip: bool,
    scales: Sequence[float],
    show_dir: Path | None,
    show: int,
) -> TestResult | None:
    device = choose_device(config.values["device"], world)
    state = read_checkpoint(checkpoint)
    estimator = build_estimator(config.model)
    load_weights(estimator, state["state_dict"], str(checkpoint))
    estimator = estimator.to(device)
    estimator.flip_test, estimator.scales = flip, tuple(scales)
    section = config.section("test_dataloader")
    dataset, loader = build_data("test_dataloader", section, config, world, train=False)
    check_dataset("test_dataloader", dataset, estimator)
    check_samples("test_dataloader", loader, estimator.codec)
    with _progress(console, world, len(dataset)) as advance:
        predictions = predict_dataset(
            estimator,
            loader,
            len(dataset),
            device,
            amp=config.optim.amp if config.values.get("optim_wrapper") else None,
            advance=advance,
        )
    if not world.is_main:
        return None
    metrics = build_metrics(config)
    result = TestResult(
        label=_label(config, flip, scales),
        reports=score(predictions, dataset, metrics),
        floor=_mean_pose_reports(config, dataset, metrics),
        protocol=f"{dataset.name}, {len(dataset)} people; crop: {dataset.protocol}",
        predictions=predictions,
        dataset=dataset,
    )
    if show_dir is not None:
        _draw(result, estimator, loader.dataset, device, show_dir, show)
    return result


def _label(config: RunConfig, flip: bool, scales: Sequence[float]) -> str:
    extras = ["flip"] if flip else []
    if tuple(scales) != (1.0,):
        extras.append(f"{len(scales)} scales")
    return " + ".join([config.name, *extras])


@contextmanager
def _progress(console: Console, world: World, size: int) -> Iterator[Any]:
    with Progress(console=console, disable=not world.is_main, transient=True) as bar:
        task = bar.add_task("predicting", total=size)
        yield lambda done: bar.update(task, advance=done * world.size)


def _mean_pose_reports(
    config: RunConfig, dataset: PoseDataset, metrics: list[Metric]
) -> list[Report]:
    """Score the training people's mean pose, pasted into every box: what no model should miss."""
    section = config.values.get("train_dataloader")
    source = build(section["dataset"], DATASETS) if section else dataset
    keypoints = paste(mean_pose(source.people), dataset.people.boxes)
    return score(Predictions(keypoints, np.ones(keypoints.shape[:2])), dataset, metrics)


@torch.inference_mode()
def _draw(  # noqa: PLR0913 - one job, six things to draw from
    result: TestResult,
    estimator: Estimator,
    stream: Any,
    device: torch.device,
    folder: Path,
    show: int,
) -> None:
    """Draw the first people: the skeleton, a heatmap a joint, and a strip a joint by stages."""
    names = list(result.dataset.skeleton.keypoints)
    estimator.eval()
    for row in range(min(show, len(result.dataset))):
        name = f"{row:05d}"
        picture = prediction_picture(result.dataset, result.predictions, row)
        save_image(folder / "skeletons" / f"{name}.jpg", picture)
        batch = collate([stream[(0, row)]])
        outputs = estimator(to_device(batch, device), "tensor")[0].float().cpu().numpy()
        crop = batch["image"][0].permute(1, 2, 0).numpy()
        if outputs.ndim == 4:  # (S, C, H, W)
            save_image(
                folder / "stages" / f"{name}.jpg",
                stages_sheet(crop, outputs[:, : len(names)], names),
            )
        if outputs.ndim >= 3:
            last = outputs[-1] if outputs.ndim == 4 else outputs
            titles = [*names, *["extra"] * (len(last) - len(names))]
            save_image(folder / "heatmaps" / f"{name}.jpg", joint_sheet(crop, last, titles))
