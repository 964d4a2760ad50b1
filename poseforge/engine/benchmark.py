"""A checkpoint's benchmark table, beside the mean pose's."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.combined import Combined
from poseforge.datasets.loading import SampleStream, collate
from poseforge.datasets.workers import naming_dead_workers
from poseforge.engine.config import RunConfig
from poseforge.engine.data import build_source
from poseforge.engine.distributed import World, claim_device
from poseforge.engine.evaluation import headline, predict_dataset, score
from poseforge.engine.pictures import prediction_picture
from poseforge.engine.process_group import joined
from poseforge.engine.train import build_metrics
from poseforge.evaluation.base import Metric, Report
from poseforge.evaluation.mean_pose import has_mean_pose, mean_pose, paste
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import load_weights, read_checkpoint
from poseforge.models.device import to_device
from poseforge.models.estimators.base import Estimator
from poseforge.registry import DATASETS, build
from poseforge.reports import scoring
from poseforge.reports.evaluation import Evaluation, evaluate
from poseforge.structures import Detections, Predictions
from poseforge.visualization.files import save_image
from poseforge.visualization.heatmaps import joint_sheet, stages_sheet


@dataclass(frozen=True)
class BenchmarkResult:
    """What a benchmark found.

    Attributes:
        label: Model and test-time settings, as a table's row is called.
        evaluation: The model's; before it its earlier stages, where asked for.
        floor: The mean pose's reports, one a metric; empty where training data has no mean pose.
        dataset: What was tested on.
    """

    label: str
    evaluation: Evaluation
    floor: list[Report]
    dataset: PoseDataset

    @property
    def predictions(self) -> Predictions | Detections:
        """The model's, for every person of the data set, or all that it found."""
        return self.evaluation.models[-1].predictions


@dataclass(frozen=True)
class TestTime:
    """What happens at test time beyond one look at each crop.

    Args:
        flip: Average with the mirrored picture's prediction.
        scales: Average over enlargements of the crop.
        show_dir: Where pictures of predictions and heatmaps go; None draws nothing.
        show: How many people are drawn.
        stages: Also score the stages before the last, each on its own.

    Raises:
        ValueError: An enlargement is not a sensible factor.
    """

    flip: bool = False
    scales: tuple[float, ...] = (1.0,)
    show_dir: Path | None = None
    show: int = 20
    stages: bool = False

    def __post_init__(self) -> None:
        if not self.scales or any(not 0.1 <= scale <= 10 for scale in self.scales):
            raise ValueError(f"scales={self.scales}; give enlargements between 0.1 and 10")


def benchmark(
    config: RunConfig,
    checkpoint: Path,
    console: Console,
    *,
    launcher: str = "none",
    test_time: TestTime | None = None,
) -> BenchmarkResult | None:
    """Score a checkpoint on the config's test set.

    Args:
        config: Whose `test_dataloader` and `metrics` are used.
        checkpoint: The weights.
        console: Where to show progress.
        launcher: "none", "pytorch" under torchrun, or "slurm" under srun.
        test_time: Averages and pictures; None has neither.

    Returns:
        The result; None on processes other than the first.

    Raises:
        CheckpointError: The file is broken, refused, or of another model.
    """
    with joined(launcher, config.values["device"]) as world:
        return _benchmark(config, checkpoint, console, world, test_time or TestTime())


def _benchmark(
    config: RunConfig,
    checkpoint: Path,
    console: Console,
    world: World,
    test_time: TestTime,
) -> BenchmarkResult | None:
    device = claim_device(config.values["device"], world)
    state = read_checkpoint(checkpoint)
    estimator = build_estimator(config.model)
    load_weights(estimator, state["state_dict"], str(checkpoint))
    estimator = estimator.to(device)
    if config.values.get("train_cfg") and config.train.channels_last:
        estimator = estimator.to(memory_format=torch.channels_last)
    estimator.flip_test, estimator.scales = test_time.flip, test_time.scales
    source = build_source("test_dataloader", config, estimator, world, train=False)
    dataset = source.dataset
    earlier = range(1, estimator.stages) if test_time.stages else range(0)
    found = []
    with closing(source), naming_dead_workers():
        for stage in (*earlier, None):
            estimator.last_stage = stage
            with _progress(console, world, len(dataset)) as advance:
                predictions = predict_dataset(
                    estimator,
                    source.loader,
                    dataset.sample_names,
                    device,
                    amp=config.optim.amp if config.values.get("optim_wrapper") else None,
                    advance=advance,
                )
            found.append(predictions)
    if not world.is_main:
        return None
    metrics = build_metrics(config)
    label = _label(config, test_time)
    labels = [*(f"{label}, stage {stage}" for stage in earlier), label]
    result = BenchmarkResult(
        label=label,
        evaluation=evaluate(
            dict(zip(labels, found, strict=True)), scoring.truth_of(dataset), metrics
        ),
        floor=_mean_pose_reports(config, dataset, metrics),
        dataset=dataset,
    )
    if test_time.show_dir is not None:
        rows = range(min(test_time.show, len(dataset)))
        _draw(result, estimator, source.stream, rows, test_time.show_dir)
    return result


def _label(config: RunConfig, test_time: TestTime) -> str:
    extras = ["flip"] if test_time.flip else []
    if test_time.scales != (1.0,):
        extras.append(f"{len(test_time.scales)} scales")
    return " + ".join([config.name, *extras])


@contextmanager
def _progress(console: Console, world: World, size: int) -> Iterator[Any]:
    with Progress(console=console, disable=not world.is_main, transient=True) as bar:
        task = bar.add_task("predicting", total=size)
        yield lambda done: bar.update(task, advance=done * world.size)


def _mean_pose_reports(
    config: RunConfig, dataset: PoseDataset, metrics: list[Metric]
) -> list[Report]:
    """Score a mean pose pasted into every box: what no model should miss.

    Of training data that is combined from several sets it is the mean of the set that fares best.
    Sets in which nobody is labelled whole have no mean pose.
    """
    section = config.values.get("train_dataloader")
    source: PoseDataset = build(section["dataset"], DATASETS) if section else dataset
    parts = source.datasets if isinstance(source, Combined) else [source]
    found = []
    for part in parts:
        people = part.typical_people
        if not has_mean_pose(people):
            continue
        keypoints = paste(mean_pose(people), dataset.people.boxes)
        found.append(
            score(
                Predictions(dataset.people.ids, keypoints, np.ones(keypoints.shape[:2])),
                dataset,
                metrics,
            )
        )
    return max(found, key=headline, default=[])


@torch.inference_mode()
def _draw(
    result: BenchmarkResult,
    estimator: Estimator,
    stream: SampleStream,
    rows: Sequence[int],
    folder: Path,
) -> None:
    """Draw people: the skeleton, a heatmap a joint, and for staged models a strip a joint."""
    names = list(result.dataset.skeleton.keypoints)
    device = next(estimator.parameters()).device
    estimator.eval()
    for row in rows:
        name = f"{row:05d}.jpg"
        picture = prediction_picture(result.dataset, result.predictions, row)
        save_image(folder / "skeletons" / name, picture)
        batch = to_device(collate([stream[(0, row)]]), device)
        outputs = estimator(batch, "tensor")[0].float().cpu().numpy()
        crop = batch["image"][0].permute(1, 2, 0).cpu().numpy()
        if outputs.ndim == 4:  # (S, C, H, W)
            joints = outputs[:, : len(names)]
            save_image(folder / "stages" / name, stages_sheet(crop, joints, names))
        if outputs.ndim >= 3:
            last = outputs[-1] if outputs.ndim == 4 else outputs
            titles = [*names, *["extra"] * (len(last) - len(names))]
            save_image(folder / "heatmaps" / name, joint_sheet(crop, last, titles))
