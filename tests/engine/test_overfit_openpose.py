"""OpenPose's chain is right: a narrow one learns a few scenes of generated people by heart."""

from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine.config import load_config
from poseforge.engine.train import train

SCENES = dict(
    type="Scenes",
    dataset=dict(type="SyntheticPeople", num_people=12, people=(1, 2), size=256, seed=11),
)
WHOLE = [dict(type="Read"), dict(type="Crop", size=(256, 256), padding=1.0)]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_narrow_model_learns_six_scenes_by_heart(tmp_path: Path):
    """Decoding perfect outputs gives an AP of 84 there, as some people are a few cells small."""
    loader = dict(dataset=SCENES, transforms=WHOLE, batch_size=6, num_workers=0)
    config = load_config(
        "configs/openpose_synthetic.py",
        [
            f"work_dir='{tmp_path}'",
            "device='cpu'",
            "codec.input_size=(256, 256)",
            f"train_dataloader={loader}",
            f"val_dataloader={loader}",
            "train_cfg={'max_iters': 200, 'val_interval': 100}",
            "ema=None",  # which lags behind for a thousand steps
            "optim_wrapper.clip_norm=50.0",
            "optim_wrapper.optimizer.lr=5e-3",
            "param_scheduler.warmup_iters=20",
        ],
    )
    outcome = train(config, Console(quiet=True), launcher="none", resume=None)
    assert outcome.history[-1]["AP"] >= 75
