from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from poseforge.engine.config import RunConfig, load_config

CONFIG = """
codec = dict(type="Heatmap", input_size=(32, 32), stride=4, sigma_px=3.0)
model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(8, 8), batch_norm={batch_norm}),
    head=dict(
        type="HeatmapHead", in_channels=8, num_keypoints=14, widths=(8,), kernel_size=3,
        loss=dict(type="HeatmapMSE", scale=100.0),
    ),
)
people = lambda count, seed: dict(type="SyntheticPeople", num_people=count, seed=seed, size=48)
train_dataloader = dict(
    dataset=people(26, 0),
    transforms=[
        dict(type="Read"),
        dict(type="RandomCrop", size=(32, 32)),
        dict(type="Flip", skeleton="lsp14"),
    ],
    batch_size=4,
    num_workers=0,
)
val_dataloader = dict(
    dataset=people(7, 1),
    transforms=[dict(type="Read"), dict(type="Crop", size=(32, 32))],
    batch_size=4,
)
test_dataloader = val_dataloader
metrics = [dict(type="PCK")]
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=1e-2))
train_cfg = dict(max_epochs=2, log_interval=2)
del people
"""


@pytest.fixture
def console() -> Console:
    """A terminal that nobody reads."""
    return Console(quiet=True)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A small config: 26 generated people, 6 batches an epoch, no batch normalisation."""
    path = tmp_path / "tiny.py"
    path.write_text(CONFIG.format(batch_norm=False))
    return path


@pytest.fixture
def make_config(config_file: Path, tmp_path: Path) -> Callable[..., RunConfig]:
    """Load the small config with overrides and a folder of the run's own."""

    def make(*overrides: str, run: str = "run") -> RunConfig:
        folder: Any = str(tmp_path / run)
        return load_config(config_file, [f"work_dir={folder!r}", "device='cpu'", *overrides])

    return make
