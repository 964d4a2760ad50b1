import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World
from poseforge.engine.learning_rate import scaled_rate
from poseforge.engine.train import train

MakeConfig = Callable[..., RunConfig]
BASE = "auto_scale_lr={'base_batch_size': 256, 'enable': True}"
OF_256 = ["optim_wrapper.optimizer={'type': 'SGD', 'lr': 0.1}", BASE]


def test_goyal_et_al_train_at_a_batch_of_8192_with_3_2(make_config: MakeConfig):
    # Goyal et al., 2017, section 5.1: 256 GPUs of 32 images; 0.1 k / 256.
    config = make_config(*OF_256, "train_dataloader.batch_size=32")
    rate = scaled_rate(config, World(size=256))
    assert rate is not None
    assert rate.value == pytest.approx(3.2)
    assert str(rate) == (
        "learning rate 0.1 at 256 samples a step becomes 3.2 at 8192 (linear rule)"
    )


def test_accumulated_batches_count_and_the_square_root_is_a_choice(make_config: MakeConfig):
    config = make_config(
        *OF_256, "auto_scale_lr.rule='sqrt'", "optim_wrapper.accumulative_counts=4",
        "train_dataloader.batch_size=128",
    )  # fmt: skip
    rate = scaled_rate(config, World(size=2))
    assert rate is not None
    assert rate.value == pytest.approx(0.2)  # 1024 is 4 times 256


def test_it_is_off_unless_asked_for(make_config: MakeConfig):
    assert scaled_rate(make_config(), World(size=8)) is None
    off = make_config("auto_scale_lr={'base_batch_size': 256}")
    assert scaled_rate(off, World(size=8)) is None


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{'base_batch_size': 0}", "use 1 or more"),
        ("{'base_batch_size': 8, 'rule': 'log'}", "sqrt"),
    ],
)
def test_wrong_settings_are_refused(make_config: MakeConfig, setting: str, said: str):
    with pytest.raises(ValueError, match=said):
        make_config(f"auto_scale_lr={setting}")


def test_an_optimizer_without_a_learning_rate_is_refused(make_config: MakeConfig):
    config = make_config(BASE, "optim_wrapper.optimizer={'type': 'AdamW'}")
    with pytest.raises(ValueError, match=r"optimizer\.lr, which is not set"):
        scaled_rate(config, World())


def test_every_group_is_scaled_and_a_resumed_run_scales_anew(
    make_config: MakeConfig, console: Console
):
    groups = "optim_wrapper.paramwise=[{'match': 'head', 'lr_mult': 10.0}]"
    small = "optim_wrapper.optimizer.lr=1e-4"
    scaled = [*OF_256, small, groups, "auto_scale_lr.base_batch_size=2", "train_cfg.log_interval=1"]
    config = make_config(*scaled, "train_cfg.max_epochs=1")
    train(config, console, launcher="none", resume=None)
    halved = make_config(*scaled, "train_dataloader.batch_size=2")
    train(halved, console, launcher="none", resume="auto")
    folder = Path(config.values["work_dir"])
    rates = [json.loads(line)["lr"] for line in (folder / "steps.jsonl").read_text().splitlines()]
    assert rates == pytest.approx([2e-3] * 6 + [1e-3] * 13)  # 1e-4 x 10 x 4/2, then x 2/2
    told = "learning rate 0.0001 at 2 samples a step becomes 0.0001 at 2 (linear rule)"
    assert json.loads((folder / "manifest.json").read_text())["learning_rate"] == told
    assert told in (folder / "train.log").read_text()
