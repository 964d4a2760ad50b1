import pytest
import torch

from poseforge.engine.train import train
from poseforge.models.checkpoints import CheckpointError, read_checkpoint


def weights(folder):
    return read_checkpoint(folder / "last.pth")["state_dict"]


def start_from(folder):
    hook = {"type": "StartFrom", "checkpoint": str(folder / "last.pth")}
    return f"custom_hooks=[{hook}]"


def test_a_training_without_steps_to_speak_of_keeps_the_weights_it_starts_from(
    make_config, console
):
    first = train(make_config(run="first"), console, launcher="none", resume=None).work_dir
    start = start_from(first)
    still = ["optim_wrapper.optimizer.lr=0.0", "train_cfg.max_epochs=1", "seed=7"]
    for name, more in (("plain", []), ("averaged", ["ema={'momentum':0.1}"])):
        config = make_config(start, *still, *more, run=name)
        found = train(config, console, launcher="none", resume=None).work_dir
        for key, tensor in weights(found).items():
            torch.testing.assert_close(tensor, weights(first)[key])


def test_weights_of_another_model_are_refused(make_config, console):
    first = train(make_config(run="first"), console, launcher="none", resume=None).work_dir
    start = start_from(first)
    other = make_config(start, "model.head.widths=(9,)", run="other")
    with pytest.raises(CheckpointError, match="is a checkpoint of another model"):
        train(other, console, launcher="none", resume=None)


def test_parts_alone_begin_with_weights_of_a_model_whose_other_parts_differ(make_config, console):
    first = train(make_config(run="first"), console, launcher="none", resume=None).work_dir
    hook = {"type": "StartFrom", "checkpoint": str(first / "last.pth"), "parts": ["backbone"]}
    config = make_config(
        f"custom_hooks=[{hook}]",
        "model.head.widths=(9,)",
        "optim_wrapper.optimizer.lr=0.0",
        "train_cfg.max_epochs=1",
        run="other",
    )
    found = weights(train(config, console, launcher="none", resume=None).work_dir)
    begun = [name for name in found if name.startswith("backbone.") and "running" not in name]
    assert begun
    for name in begun:
        torch.testing.assert_close(found[name], weights(first)[name])


def test_a_part_may_be_part_of_a_part(make_config, console):
    first = train(make_config(run="first"), console, launcher="none", resume=None).work_dir
    name = next(key for key in weights(first) if key.startswith("backbone.") and "weight" in key)
    part = name.rpartition(".")[0]
    assert part.count(".") >= 1
    hook = {"type": "StartFrom", "checkpoint": str(first / "last.pth"), "parts": [part]}
    still = ["optim_wrapper.optimizer.lr=0.0", "train_cfg.max_epochs=1", "seed=7"]
    config = make_config(f"custom_hooks=[{hook}]", *still, run="other")
    found = weights(train(config, console, launcher="none", resume=None).work_dir)
    torch.testing.assert_close(found[name], weights(first)[name])
    others = [key for key in found if key.startswith("head.") and found[key].dim() > 1]
    assert not all(torch.equal(found[key], weights(first)[key]) for key in others)


def test_a_part_that_the_model_lacks_is_refused_with_those_it_has(make_config, console):
    first = train(make_config(run="first"), console, launcher="none", resume=None).work_dir
    hook = {"type": "StartFrom", "checkpoint": str(first / "last.pth"), "parts": ["tail"]}
    config = make_config(f"custom_hooks=[{hook}]", run="other")
    with pytest.raises(CheckpointError, match=r"no part 'tail'.*it has .*backbone"):
        train(config, console, launcher="none", resume=None)


def test_without_a_file_it_is_the_model_that_ships(make_config, console):
    config = make_config("custom_hooks=[{'type': 'StartFrom'}]", run="other")
    with pytest.raises(
        CheckpointError, match=r"compact_lsp\.pth' is a checkpoint of another model"
    ):
        train(config, console, launcher="none", resume=None)
