import pickle

import pytest
import torch
from torch import nn

from poseforge.models import CheckpointError, load_weights, read_checkpoint
from poseforge.models.checkpoints import CONTENTS, FORMAT


class Stranger:
    """What a checkpoint may not hold."""


def content(**changes):
    return {
        "format": FORMAT,
        "state_dict": nn.Linear(3, 2).state_dict(),
        "config": {"model": {"type": "TopDown", "scales": (1.0,)}},
        "skeleton": {"name": "pair", "keypoints": ("a", "b")},
        "codec": {"type": "Coordinates", "input_size": (8, 8)},
        "meta": {"epoch": 3},
    } | changes


def test_round_trip(tmp_path):
    torch.manual_seed(0)
    saved = content()
    torch.save(saved, tmp_path / "x.pth")
    loaded = read_checkpoint(tmp_path / "x.pth")
    assert set(loaded) == CONTENTS
    assert loaded["config"] == saved["config"]
    model = nn.Linear(3, 2)
    load_weights(model, loaded["state_dict"], "x.pth")
    assert torch.equal(model.weight, saved["state_dict"]["weight"])


def test_missing(tmp_path):
    with pytest.raises(CheckpointError, match=r"there is no checkpoint file .*gone\.pth"):
        read_checkpoint(tmp_path / "gone.pth")


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99])
def test_cut_short(tmp_path, kept):
    path = tmp_path / "x.pth"
    torch.save(content(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
    with pytest.raises(CheckpointError, match="damaged, cut short or another kind of file"):
        read_checkpoint(path)


@pytest.mark.parametrize("data", [b"not a checkpoint at all\n" * 9, b"\x89PNG\r\n", bytes(500)])
def test_another_kind_of_file(tmp_path, data):
    path = tmp_path / "x.pth"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged, cut short or another kind of file"):
        read_checkpoint(path)


@pytest.mark.parametrize("legacy", [False, True])
def test_pickled_objects_are_refused(tmp_path, legacy):
    path = tmp_path / "x.pth"
    if legacy:
        path.write_bytes(pickle.dumps(Stranger()))
    else:
        torch.save(content(meta={"hook": Stranger()}), path)
    with pytest.raises(CheckpointError, match=r"could run code .* save its state_dict's tensors"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (nn.Linear(3, 2).state_dict(), "is no checkpoint of PoseForge"),
        (torch.zeros(3), "is no checkpoint of PoseForge"),
        (content(format="other-2"), "is no checkpoint of PoseForge"),
        ({"format": FORMAT, "state_dict": {}}, "lacks codec, config, meta, skeleton"),
    ],
)
def test_not_ours(tmp_path, saved, message):
    torch.save(saved, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match=message):
        read_checkpoint(tmp_path / "x.pth")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (nn.Linear(3, 5), r"0 tensors .* missing there, 0 are unknown here.*'weight' \(\(5, 3\)"),
        (nn.Linear(3, 2, bias=False), r"1 tensors .* 'bias' \(missing there, \(2,\) here\)"),
        (nn.Sequential(nn.Linear(3, 2)), r"2 tensors .* 2 are unknown here.*'weight'"),
    ],
)
def test_weights_of_another_model(other, message):
    model = nn.Linear(3, 2)
    before = model.weight.clone()
    with pytest.raises(CheckpointError, match=message):
        load_weights(model, other.state_dict(), "x.pth")
    assert torch.equal(model.weight, before)


def test_a_later_version(tmp_path):
    torch.save(content(format="poseforge-checkpoint-2"), tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match=r"later version of PoseForge \(.*-2'.*update with"):
        read_checkpoint(tmp_path / "x.pth")
