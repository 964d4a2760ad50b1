"""The whole chain is right: narrow variants of the three models learn 16 real images by heart."""

from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine.config import load_config
from poseforge.engine.train import train

ADAM = ["optim_wrapper={'optimizer': {'type': 'AdamW', 'lr': 2e-3}}", "ema=None"]
NARROW = {
    "simplepose": [
        "codec.input_size=(64, 64)",
        "model.backbone.channels=(16, 16, 32)",
        "model.backbone.batch_norm=True",
        "model.head.in_features=2048",
        "model.head.hidden=(256,)",
    ],
    "hmappose": [
        "codec.input_size=(128, 128)",
        "codec.sigma_px=8.0",
        "model.backbone.channels=(16, 16, 32)",
        "model.backbone.batch_norm=True",
        "model.head.in_channels=32",
        "model.head.widths=(64, 32)",
        "model.head.batch_norm=True",
        "model.head.loss.scale=100.0",
    ],
    "cpm": [
        "codec.input_size=(128, 128)",
        "codec.sigma_px=8.0",
        "model.backbone.width=16",
        "model.backbone.batch_norm=True",
        "model.head.num_stages=3",
        "model.head.width=16",
        "model.head.batch_norm=True",
    ],
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("model", NARROW)
def test_a_narrow_model_learns_sixteen_real_people_by_heart(
    model: str, tmp_path: Path, data_root: Path
):
    overrides = [*ADAM, *NARROW[model], f"work_dir='{tmp_path}'", "device='cpu'", "seed=1"]
    config = load_config(f"configs/{model}_lsp.py", overrides)
    sixteen = {
        "dataset": {
            "type": "Combined",
            "datasets": [{"type": "LSP", "split": "train", "data_root": str(data_root)}],
            "ratios": [0.016],
        },
        "transforms": [
            {"type": "Read"},
            {"type": "Crop", "size": config.values["codec"]["input_size"]},
        ],
        "batch_size": 16,
    }
    config.values["train_dataloader"] = config.values["val_dataloader"] = sixteen
    config.values["train_cfg"] = {"max_iters": 400, "val_interval": 400, "save_interval": 400}
    config.values["param_scheduler"] = {"type": "cosine", "warmup_iters": 20}
    outcome = train(config, Console(quiet=True), launcher="none", resume=None)
    assert outcome.history[-1]["PCK@0.2"] >= 95
