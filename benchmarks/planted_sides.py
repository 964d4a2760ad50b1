"""Generated people of whom a known part is labelled with left and right exchanged, and a teacher.

The teacher knows the truth, to which it adds noise, so that what `poseforge data sides` finds can
be counted against what was planted.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from poseforge.cli.main import main as poseforge
from poseforge.codecs.base import Codec
from poseforge.datasets import PoseDataset, SyntheticPeople
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator
from poseforge.models.estimators.base import Estimator, Mode
from poseforge.structures import Batch, People, Prediction, Sample, as_skeleton

CONFIG = """
from poseforge.recipes.data import augmented_crops, synthetic
codec = dict(type="Heatmap", input_size=(64, 64), stride=8, sigma_px=8.0)
train_dataloader, val_dataloader, test_dataloader = synthetic(
    codec, people=8, batch_size=16, size=96, num_workers=0, train=augmented_crops(codec))
train_dataloader["dataset"] = dict(type="benchmarks.planted_sides.PlantedSides")
val_dataloader["dataset"]["num_people"] = test_dataloader["dataset"]["num_people"] = 16
model = dict(
    type="TopDown", skeleton="lsp14", backbone=dict(type="ConvStack", channels=(4, 4, 4)),
    head=dict(type="HeatmapHead", in_channels=4, num_keypoints=14, widths=(8,), kernel_size=3,
              loss=dict(type="HeatmapMSE", scale=100.0)))
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=1e-3))
ema = dict(momentum=1e-2)
metrics = [dict(type="PCK")]
train_cfg = dict(max_epochs=1)
device = "cpu"
del augmented_crops, synthetic
"""


class PlantedSides(PoseDataset):
    """Generated people, of whom a part is mirrored in its labels.

    Args:
        num_people: How many.
        share: The part that is mirrored, drawn at random.

    Attributes:
        planted: (N,) bool, who is.
        true: Everyone as labelled before.
    """

    def __init__(self, num_people: int = 160, share: float = 0.2) -> None:
        self.dataset = SyntheticPeople(num_people=num_people, seed=3, size=96)
        self.name, self.skeleton = "planted", self.dataset.skeleton
        self.protocol, self.true = self.dataset.protocol, self.dataset.people
        self.planted = np.random.default_rng(0).random(num_people) < share
        order, rows = self.skeleton.flip_indices, self.planted
        keypoints, visible = self.true.keypoints.copy(), self.true.visible.copy()
        keypoints[rows] = keypoints[rows][:, order]
        visible[rows] = visible[rows][:, order]
        true = self.true
        self.people = People(true.image_paths, keypoints, visible, true.boxes, true.ids)

    def __getitem__(self, index: int) -> Sample:
        return {
            **self.dataset[index],
            "keypoints": self.people.keypoints[index],
            "visible": self.people.visible[index],
        }

    def fingerprint(self) -> str:
        return f"{self.dataset.fingerprint()}, planted {self.planted.sum()}"


class Oracle(Estimator):
    """A teacher of planted people that returns the truth, with noise of some pixels.

    Args:
        codec: Of the crops; not used.
        noise_px: Standard deviation, pixels of the image.
    """

    def __init__(self, codec: Codec, noise_px: float = 1.0) -> None:
        super().__init__()
        self.codec, self.skeleton, self.noise_px = codec, as_skeleton("lsp14"), noise_px
        self.flip_test, self.scales = False, (1.0,)
        self.weight = nn.Parameter(torch.zeros(1))
        self._truth = torch.from_numpy(PlantedSides().true.keypoints)

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        points = self._truth[batch["index"]]
        points = points + self.noise_px * torch.randn(points.shape)
        return {"keypoints": points, "scores": torch.ones(points.shape[:2])}


def plant(folder: Path) -> tuple[Path, Path, Path]:
    """Make a config, weights to begin with and corrections that `poseforge data sides` found.

    Args:
        folder: Where to.

    Returns:
        The files' paths.

    Raises:
        ValueError: The command failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config, corrections = folder / "planted.py", folder / "corrections.json"
    config.write_text(CONFIG, encoding="utf-8")
    teachers = {"weights": {}, "oracle": {"type": "benchmarks.planted_sides.Oracle"}}
    for name, model in teachers.items():
        _write(config, model, folder / f"{name}.pth")
    command = ["data", "sides", config, folder / "oracle.pth", "--out", corrections]
    if poseforge([str(part) for part in command]):
        raise ValueError("`poseforge data sides` has failed")
    return config, folder / "weights.pth", corrections


def _write(path: Path, model: dict[str, Any], checkpoint: Path) -> None:
    """Write a checkpoint of fresh weights of a config's model, or of another."""
    config = load_config(path)
    config.values["model"] = model or config.values["model"]
    torch.manual_seed(0)
    estimator = build_estimator(config.model)
    state = {"state_dict": estimator.state_dict(), "meta": {}}
    write_checkpoint({**describe(estimator, config), **state}, checkpoint)
