from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.tiny import tiny_overrides
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import RunConfig, load_config
from poseforge.models import Estimator, build_estimator

CONFIGS = Path(__file__).parents[2] / "configs"
# benchmarks.tiny has no form of a model of scenes.
SCENES = [
    "codec.input_size=(96,96)",
    *(f"{kind}_dataloader.{change}" for kind in ("train", "val", "test") for change in (
        "transforms.0.size=(96,96)",
        "dataset.dataset.num_people=16",
        "dataset.dataset.size=96",
        "batch_size=4",
        "num_workers=0",
    )),
]  # fmt: skip
Made = tuple[RunConfig, Estimator, Path]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Made]:
    """Return a config of the house made tiny, its model with random weights, and a checkpoint."""
    folder = tmp_path_factory.mktemp("checkpoints")
    made: dict[str, Made] = {}

    def make(name: str, *overrides: str) -> Made:
        key = " ".join([name, *overrides])
        if key not in made:
            path = CONFIGS / f"{name}.py"
            tiny = SCENES if name == "openpose_synthetic" else tiny_overrides(path)
            config = load_config(path, [*tiny, *overrides])
            torch.manual_seed(0)
            estimator = build_estimator(config.model).eval()
            disturb_norms(estimator)
            file = folder / f"{len(made)}.pth"
            write_checkpoint(state_of(estimator, config), file)
            made[key] = config, estimator, file
        return made[key]

    return make


def state_of(estimator: Estimator, config: RunConfig) -> dict:
    """Return what an engine's checkpoint holds for inference."""
    return {**describe(estimator, config), "state_dict": estimator.state_dict(), "meta": {}}


def disturb_norms(module: nn.Module) -> None:
    """Give batch normalisations statistics and factors that change what passes."""
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean, std=0.1)
            nn.init.uniform_(norm.running_var, 0.5, 2.0)
            nn.init.uniform_(norm.weight, 0.5, 2.0)
            nn.init.normal_(norm.bias, std=0.1)


@pytest.fixture
def disturb() -> Callable[[nn.Module], None]:
    return disturb_norms
