from pathlib import Path

import pytest
import torch

from poseforge.engine.config import ConfigError, load_config
from poseforge.engine.data import build_source
from poseforge.engine.distributed import World
from poseforge.engine.optim import build_optimizer
from poseforge.engine.settings import OptimSettings, ScheduleSettings
from poseforge.models.build import build_estimator
from poseforge.registry import UnknownNameError

ROOT = Path(__file__).parents[2]
LEAVES = sorted((ROOT / "configs").glob("*.py"))


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
def test_every_config_loads_and_is_short(path: Path):
    config = load_config(path)
    assert config.train.max_epochs or config.train.max_iters
    assert config.section("train_dataloader").batch_size
    assert len(path.read_text().splitlines()) <= 25


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
def test_every_configs_parts_can_be_built_and_nothing_is_left_over_from_a_base(
    path: Path, fake_root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("POSEFORGE_DATA", str(fake_root))
    config = load_config(path)
    with torch.device("meta"):
        estimator = build_estimator(config.model)
    build_optimizer(estimator, config.optim)
    for role in ("train_dataloader", "val_dataloader", "test_dataloader"):
        source = build_source(role, config, estimator, World(), train=role.startswith("train"))
        assert len(source.dataset) > 0


def test_the_articles_regime_is_adam_without_decay_clipping_or_warm_up():
    for name in ("simplepose", "hmappose", "cpm"):
        config = load_config(ROOT / "configs" / f"{name}_blog.py")
        assert config.optim == OptimSettings(optimizer={"type": "Adam", "lr": 1e-4})
        assert config.schedule == ScheduleSettings()
        assert config.section("train_dataloader").dataset == {"type": "LSPExtended"}
        assert config.section("train_dataloader").batch_size == 8


def test_an_override_reaches_nested_values_lists_and_new_settings(config_file: Path):
    config = load_config(
        config_file,
        [
            "model.head.widths=(4,)",
            "train_dataloader.transforms.1.size=(16, 16)",
            "train_cfg.early_stop=3",
            "ema.momentum=0.5",
            "device=none",
        ],
    )
    assert config.model["head"]["widths"] == (4,)
    assert config.section("train_dataloader").transforms[1]["size"] == (16, 16)
    assert config.train.early_stop == 3
    assert config.ema is not None
    assert config.ema.momentum == 0.5
    assert config.values["device"] is None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("modle.head=1", "no key 'modle'; did you mean 'model'"),
        ("train_cfg.max_epoch=1", "no key 'max_epoch'; did you mean 'max_epochs'"),
        ("model.haed.width=1", "no key 'haed'; did you mean 'head'"),
        ("sed=1", "no key 'sed'; did you mean 'seed'"),
        ("seed", "not of the form key.subkey=value"),
        ("train_dataloader.transforms.9.size=1", "'9' is not a position in a list of 3"),
        ("seed.x=1", "seed is a value, not a section"),
        ("train_cfg.max_iters=5", "either max_epochs or max_iters"),
        ("train_cfg.log_interval=0", "log_interval is 0; use 1 or more"),
        ("optim_wrapper.amp='fp8'", "use 'bf16', 'fp16' or None"),
        ("param_scheduler.type='cosin'", "did you mean 'cosine'"),
        ("param_scheduler.type='step'", "needs either milestones"),
        ("ema.momentum=2", "ema.momentum is 2"),
    ],
)
def test_a_wrong_override_is_one_sentence(config_file: Path, override: str, message: str):
    with pytest.raises(ValueError, match=message) as caught:
        load_config(config_file, [override])
    assert "\n" not in str(caught.value)


def test_a_config_that_is_not_there_names_the_nearest(config_file: Path):
    with pytest.raises(ConfigError, match=r"tini\.py does not exist; did you mean 'tiny\.py'"):
        load_config(config_file.with_name("tini.py"))


def test_a_misspelt_key_in_the_file_names_the_nearest(config_file: Path):
    config_file.write_text(config_file.read_text() + "\ntrain_dataloder = None\n")
    with pytest.raises(UnknownNameError, match="did you mean 'train_dataloader'"):
        load_config(config_file)


def test_a_misspelt_setting_in_the_file_names_the_nearest(config_file: Path):
    config_file.write_text(config_file.read_text() + "\ntrain_cfg = dict(max_epoch=1)\n")
    with pytest.raises(UnknownNameError, match="train_cfg has no setting 'max_epoch'"):
        load_config(config_file)


def test_a_config_with_an_error_in_its_code_says_which(config_file: Path):
    config_file.write_text("codec = dict(input_size=size)\n")
    with pytest.raises(ConfigError, match=r"tiny\.py cannot be loaded: name 'size' is not defined"):
        load_config(config_file)


def test_a_missing_section_is_named(config_file: Path):
    config = load_config(config_file, ["test_dataloader=None"])
    with pytest.raises(ConfigError, match="has no test_dataloader"):
        config.section("test_dataloader")


def test_a_mode_of_compiling_that_torch_does_not_have_is_refused(config_file: Path):
    with pytest.raises(ValueError, match="compile='fast'; choose one of default, reduce-overhead"):
        load_config(config_file, ["train_cfg.compile=fast"])
