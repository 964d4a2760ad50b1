import copy

import pytest
import torch

from poseforge.inference.checkpoint_model import load_model
from poseforge.models.checkpoints import CheckpointError


@pytest.fixture
def changed(make_model, tmp_path):
    """Write a checkpoint whose config has been changed by a function."""

    def write(change):
        state = copy.deepcopy(torch.load(make_model("hmappose_synthetic")[2], weights_only=True))
        change(state["config"])
        torch.save(state, tmp_path / "changed.pth")
        return tmp_path / "changed.pth"

    return write


def test_the_file_says_all(make_model):
    _, estimator, path = make_model("hmappose_synthetic")
    model = load_model(path)
    assert not model.estimator.training
    assert (model.estimator.codec, model.estimator.skeleton) == (
        estimator.codec,
        estimator.skeleton,
    )
    assert [type(t).__name__ for t in model.transforms] == ["Read", "Crop"]
    for name, tensor in estimator.state_dict().items():
        assert torch.equal(model.estimator.state_dict()[name], tensor)


def test_validation_s_transforms_do_where_there_is_no_test(changed):
    path = changed(lambda config: config.update(test_dataloader=None))
    assert len(load_model(path).transforms) == 2


@pytest.mark.parametrize("keys", [["model"], ["codec"], ["val_dataloader", "test_dataloader"]])
def test_a_config_that_lacks_something(changed, keys):
    path = changed(lambda config: [config.pop(key) for key in keys])
    with pytest.raises(CheckpointError, match=r"the config in '.*' has no (model|codec|test_data)"):
        load_model(path)


def test_weights_that_training_began_with_are_not_fetched(make_model, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("it was downloaded")

    override = "model.first.backbone={'type': 'TorchvisionBackbone', 'name': 'resnet18', "
    override += "'nodes': ('avgpool',)%s}"
    small = "model.first.head.in_features=512"
    path = make_model("deeppose_synthetic", override % "", small)[2]
    state = torch.load(path, weights_only=True)
    state["config"]["model"]["first"]["backbone"]["weights"] = "IMAGENET1K_V1"
    changed = path.with_name("pretrained.pth")
    torch.save(state, changed)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    assert load_model(changed).estimator is not None


@pytest.mark.parametrize("name", ["os.system", "subprocess.Popen", "builtins.exec"])
@pytest.mark.parametrize("place", ["model", "transforms"])
def test_a_type_that_is_no_part_of_a_model_is_never_called(changed, name, place, tmp_path):
    call = {"type": name, "command": f"touch {tmp_path}/harm"}

    def change(config):
        if place == "model":
            config["model"]["backbone"] = call
        else:
            config["test_dataloader"]["transforms"].append(call)

    with pytest.raises(CheckpointError, match=f"names '{name}' as a part of its model"):
        load_model(changed(change))
    assert not (tmp_path / "harm").exists()


def test_a_plugin_is_found_by_its_dotted_path(changed, tmp_path, monkeypatch):
    (tmp_path / "my_crop.py").write_text(
        "from poseforge.transforms import Crop\n\n\nclass MyCrop(Crop):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = changed(
        lambda config: config["test_dataloader"]["transforms"][0].update(type="my_crop.MyCrop")
    )
    assert type(load_model(path).transforms[0]).__name__ == "MyCrop"
