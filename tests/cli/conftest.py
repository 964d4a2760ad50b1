from collections.abc import Callable
from pathlib import Path

import pytest

from poseforge.cli.main import main

CONFIG = """
codec = dict(type="Heatmap", input_size=(32, 32), stride=8, sigma_px=4.0, extra="background")
model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="CPMTowers", width=8),
    head=dict(
        type="CPMHead", num_keypoints=14, num_stages=2, width=8, loss=dict(type="HeatmapMSE"),
    ),
)
people = lambda count, seed: dict(type="SyntheticPeople", num_people=count, seed=seed, size=48)
train_dataloader = dict(
    dataset=people(8, 0),
    transforms=[dict(type="Read"), dict(type="RandomCrop", size=(32, 32))],
    batch_size=4,
)
val_dataloader = dict(
    dataset=people(3, 1),
    transforms=[dict(type="Read"), dict(type="Crop", size=(32, 32))],
    batch_size=2,
)
test_dataloader = val_dataloader
metrics = [dict(type="PCK")]
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=1e-3))
train_cfg = dict(max_epochs=1)
device = "cpu"
del people
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config of a tiny pose machine on generated people."""
    path = tmp_path / "machine.py"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's folder of that config, trained for an epoch; `machine.py` is beside it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "machine.py").write_text(CONFIG)
    assert main(["train", str(folder / "machine.py"), "--work-dir", str(folder / "run")]) == 0
    return folder / "run"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a verb in this process; returns the exit status, stdout and stderr."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        output, errors = capsys.readouterr()
        return status, output, errors

    return call
