"""What both sides of `resnet50_coco` train, told in their folder's `training.json`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.timed_training import Plan
from poseforge.engine.config import RunConfig, load_config

CONFIG = Path(__file__).parents[1] / "configs" / "simplebaseline_r50_coco.py"
FILE = "training.json"


@dataclass(frozen=True)
class Task:
    """A training to be fed.

    Attributes:
        files: Arguments of `CocoStyle`: the COCO file, and the folder of its images.
        overrides: Of the config.
        device: Where the network is.
        steps: Batches a timing.
        warmup: Batches before it.
    """

    files: dict[str, str]
    overrides: list[str]
    device: str
    steps: int
    warmup: int

    @property
    def plan(self) -> Plan:
        """What is timed at once."""
        return Plan(self.steps, self.warmup, 1)

    @property
    def torch_device(self) -> torch.device:
        """Where the network is."""
        return torch.device(self.device)

    def config(self, *more: str) -> RunConfig:
        """Return the config, with further overrides."""
        return load_config(CONFIG, [*self.overrides, *more])

    def write(self, folder: Path) -> None:
        """Tell the sides."""
        (folder / FILE).write_text(json.dumps(asdict(self)))


def read_task(folder: Path) -> Task:
    """Return what is to be trained."""
    return Task(**json.loads((folder / FILE).read_text()))
