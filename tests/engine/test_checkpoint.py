from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from poseforge.engine.checkpoint import find_resume, read_training, write_checkpoint
from poseforge.engine.config import RunConfig
from poseforge.engine.train import train
from poseforge.models.checkpoints import CheckpointError, read_checkpoint

MakeConfig = Callable[..., RunConfig]


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "last.pth"
    write_checkpoint({"value": torch.ones(2)}, path)
    before = path.read_bytes()

    def full(state: object, place: Path) -> None:
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left on device; the checkpoint that was there"):
        write_checkpoint({"value": torch.zeros(2)}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["last.pth"]


def test_nothing_to_resume_says_where_it_looked(tmp_path: Path):
    assert find_resume(tmp_path, None) is None
    with pytest.raises(CheckpointError, match=r"nothing to resume: .*last\.pth does not exist"):
        find_resume(tmp_path, "auto")


def test_a_new_run_overwrites_no_older_one(tmp_path: Path):
    (tmp_path / "best.pth").write_bytes(b"an hour's work")
    with pytest.raises(CheckpointError, match="holds a run already; go on with --resume"):
        find_resume(tmp_path, None)


def test_a_checkpoint_carries_config_skeleton_and_codec(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    train(make_config("train_cfg.max_epochs=1"), console, launcher="none", resume=None)
    state = read_checkpoint(tmp_path / "run" / "best.pth")
    assert state["skeleton"]["name"] == "lsp14"
    assert state["codec"]["type"] == "Heatmap"
    assert state["codec"]["input_size"] == [32, 32]
    assert state["config"]["model"]["head"]["widths"] == [8]
    with pytest.raises(CheckpointError, match="without the state of a training"):
        read_training(tmp_path / "run" / "best.pth")


def test_resuming_with_another_model_is_refused(make_config: MakeConfig, console: Console):
    train(make_config("train_cfg.max_epochs=1"), console, launcher="none", resume=None)
    other = make_config("model.head.widths=(16,)")
    with pytest.raises(CheckpointError, match="another model"):
        train(other, console, launcher="none", resume="auto")


def test_a_restarted_run_goes_on_from_its_own_last_checkpoint_whatever_it_was_told(tmp_path: Path):
    assert find_resume(tmp_path, None, restarted=True) is None  # it had saved nothing yet
    (tmp_path / "best.pth").touch()
    assert find_resume(tmp_path, None, restarted=True) is None
    (tmp_path / "other.pth").touch()
    assert find_resume(tmp_path, str(tmp_path / "other.pth"), restarted=True).name == "other.pth"
    (tmp_path / "last.pth").touch()
    for told in (None, "auto", str(tmp_path / "other.pth")):
        assert find_resume(tmp_path, told, restarted=True) == tmp_path / "last.pth"
    with pytest.raises(CheckpointError, match="holds a run already"):
        find_resume(tmp_path, None)
