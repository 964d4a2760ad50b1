"""A training fed by MMPose's pipeline, to be timed: `python -m benchmarks.mmpose_training FOLDER`.

It is run by the Python of an environment that has MMPose. Network, loss and optimizer are
PoseForge's; samples, their collation, the copies to the device, normalisation and heatmaps are
MMPose's, as its Runner makes them, with as many workers. What its head computes besides, the
accuracy of each batch on the host, is left out.
"""

import itertools
import platform
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, cast

import mmpose
import torch
from mmengine.dataset import InfiniteSampler, pseudo_collate
from mmengine.registry import init_default_scope
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from torch import Tensor, nn
from torch.utils.data import DataLoader

from benchmarks.fed_training import read_task
from benchmarks.mmpose_data import people
from benchmarks.timed_calls import Case, serve
from benchmarks.timed_training import TimedTraining, seconds
from poseforge.models.build import build_estimator
from poseforge.models.estimators import TopDown
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch


class GivenMaps(Estimator):
    """A network whose batches bring normalised images and `heatmaps` with their `weights`."""

    def __init__(self, network: TopDown) -> None:
        super().__init__()
        network.normalize = nn.Identity()
        self.network = network
        self.codec, self.skeleton = network.codec, network.skeleton

    def forward(self, batch: Batch, mode: str) -> dict[str, Tensor]:
        return self.network.head.loss(self.network(batch, "tensor"), cast(dict[str, Tensor], batch))


def stacked(batch: dict[str, Any]) -> Batch:
    """Return what MMPose's head makes of a batch for its loss."""
    samples = batch["data_samples"]
    return {
        "image": batch["inputs"],
        "heatmaps": torch.stack([sample.gt_fields.heatmaps for sample in samples]),
        "weights": torch.cat([s.gt_instance_labels.keypoint_weights for s in samples]),
    }


def case_of(folder: Path) -> Case[None]:
    """Return the function that returns images a second."""
    task = read_task(folder)
    config = task.config()
    settings = config.section("train_dataloader")
    model = TimedTraining(config, task.torch_device, GivenMaps(build_estimator(config.model)))
    normalize = config.model["normalize"]
    preprocess = PoseDataPreprocessor(**normalize, bgr_to_rgb=True).to(task.torch_device)
    dataset = people(**task.files)

    def train(batch: dict[str, Any]) -> None:
        model.train(stacked(preprocess(batch, training=True)))

    def fed(_: None) -> Sequence[float]:
        loader = DataLoader(
            dataset,
            settings.batch_size,
            sampler=InfiniteSampler(dataset, shuffle=True),
            num_workers=settings.num_workers,
            collate_fn=pseudo_collate,
            persistent_workers=True,
        )
        batches = iter(loader)
        ready = itertools.islice(batches, 2 * settings.num_workers, None)
        taken = seconds(task.plan, ready, train, task.torch_device)
        batches._shutdown_workers()
        return [task.steps * settings.batch_size / taken]

    return fed


if __name__ == "__main__":
    init_default_scope("mmpose")
    versions = {
        "mmpose": mmpose.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    with redirect_stdout(
        sys.stderr
    ):  # what COCO's toolkit prints must not come between the answers
        case = case_of(Path(sys.argv[1]))
    serve({"loader": case}, {"people": None}, versions)
