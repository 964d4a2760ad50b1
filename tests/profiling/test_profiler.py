import pytest
import torch
from torch import nn

from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import load_config
from poseforge.engine.distributed import World
from poseforge.models.build import build_estimator
from poseforge.profiling.profiler import profile
from poseforge.profiling.subject import Subject

CPU = torch.device("cpu")
SMALL = [
    "train_dataloader.dataset.num_people=16", "train_dataloader.batch_size=8",
    "train_dataloader.num_workers=0",
]  # fmt: skip


@pytest.fixture
def trained(tmp_path):
    subject = Subject(load_config("configs/quickstart.py", SMALL), "train", CPU, World())
    return profile(subject, 1, tmp_path / "t.pt.trace.json")


def test_the_parts_add_up_to_the_step(trained):
    root, *parts = trained.layers
    between = root.own_s.median
    assert trained.layers_s == pytest.approx(sum(layer.own_s.median for layer in parts))
    assert trained.layers_s + between == pytest.approx(trained.hooked_s.median, rel=0.05)
    assert sum(layer.share for layer in trained.layers) == pytest.approx(1, abs=0.05)
    assert sum(stage.seconds for stage in trained.bar) == pytest.approx(
        trained.hooked_s.median, rel=0.05
    )


def test_whole_subtrees_hold_what_is_below_them(trained):
    root = trained.layers[0]
    top = [layer for layer in trained.layers if layer.depth == 1]
    for way in ("forward_s", "backward_s"):
        whole = getattr(root, way).median
        assert sum(getattr(layer, way).median for layer in top) == pytest.approx(whole, rel=0.1)
    by_name = {layer.name: layer for layer in trained.layers}
    assert root.parameters == by_name["model"].parameters
    assert by_name["head"].parameters + by_name["backbone"].parameters == root.parameters


def test_arithmetic_is_that_of_the_published_formula(trained):
    """The head's first convolution: 7 × 7, 128 to 128 channels, 6 × 6 cells; both gradients."""
    by_name = {layer.name: layer for layer in trained.layers}
    assert by_name["head.blocks.0.0"].work.flops == 3 * 2 * 8 * 36 * 128 * 128 * 49


def test_predictions_have_no_backward_pass(tmp_path):
    config = load_config("configs/quickstart.py", [*SMALL, "test_dataloader.dataset.num_people=16"])
    found = profile(Subject(config, "infer", CPU, World()), 1, tmp_path / "t.pt.trace.json")
    assert {layer.backward_s for layer in found.layers} == {None}
    names = {layer.name for layer in found.layers}
    assert "codec.decode" in names
    assert "optimizer" not in names


def test_a_cascade_predicts_with_all_of_its_trained_stages(tmp_path):
    few = [f"{role}_dataloader.batch_size=2" for role in ("train", "test")]
    config = load_config("configs/eol_course.py", few)
    trained = build_estimator(config.model)
    trained.begin_phase(2, None)
    state = {**describe(trained, config), "state_dict": trained.state_dict(), "meta": {}}
    write_checkpoint(state, tmp_path / "eol.pth")
    subject = Subject(config, "infer", CPU, World(), tmp_path / "eol.pth")
    found = profile(subject, 1, tmp_path / "t.pt.trace.json")
    assert any(layer.name.startswith("fine_head.") for layer in found.layers)


class Tiny(nn.Module):
    """Fifty operations on next to nothing."""

    def forward(self, inputs):
        small = inputs[0][:1, :1, :1, :1]
        for _ in range(50):
            small = small + 1.0
        return inputs


def test_many_tiny_operations_are_bound_by_launches(tmp_path):
    subject = Subject(load_config("configs/quickstart.py", SMALL), "infer", CPU, World())
    subject.estimator.neck = Tiny()
    found = profile(subject, 2, tmp_path / "t.pt.trace.json")
    [layer] = [layer for layer in found.layers if layer.name == "neck"]
    assert layer.kind == "Tiny"
    assert layer.work.operations == 50
    assert layer.limit.bound == "launch"
    assert 0.01 < layer.of_limit <= 1.5  # wide: the machine may be busy


def test_no_steps_are_refused(tmp_path):
    subject = Subject(load_config("configs/quickstart.py", SMALL), "infer", CPU, World())
    with pytest.raises(ValueError, match="1 step or more"):
        profile(subject, 0, tmp_path / "t.pt.trace.json")


CASCADES = ["deeppose_course", "eol_course", "openpose_course", "cpm_course", "simplepose_course"]


@pytest.mark.parametrize("name", CASCADES)
@pytest.mark.parametrize("mode", ["train", "infer"])
def test_every_kind_of_model_is_profiled(name, mode, tmp_path):
    few = [f"{role}_dataloader.batch_size=2" for role in ("train", "test")]
    subject = Subject(load_config(f"configs/{name}.py", few), mode, CPU, World())
    found = profile(subject, 1, tmp_path / "t.pt.trace.json")
    assert found.layers[0].name == "step"
    between = found.layers[0].own_s.median
    assert found.layers_s + between == pytest.approx(found.hooked_s.median, rel=0.05)
