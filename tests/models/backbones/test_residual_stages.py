import pytest
import torch

from poseforge.models.backbones import ResidualStages


def test_each_stage_halves_the_size_and_begins_as_its_shortcut():
    backbone = ResidualStages(widths=(8, 16, 24), depths=(1, 2, 1), stem=4).eval()
    features = backbone(torch.rand(1, 3, 64, 96))
    assert [tuple(f.shape[1:]) for f in features] == [(8, 16, 24), (16, 8, 12), (24, 4, 6)]
    torch.testing.assert_close(backbone.stages[0](features[0]), features[0])


def test_widths_and_depths_must_fit():
    with pytest.raises(ValueError, match="one number of each"):
        ResidualStages(widths=(8, 16), depths=(1,))


def test_frozen_stages_stay_as_they_are():
    torch.manual_seed(0)
    backbone = ResidualStages(widths=(4, 6, 8), depths=(1, 1, 1), stem=2, frozen_stages=2).train()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in backbone.parameters() if p.requires_grad], lr=0.1)
    backbone(torch.rand(2, 3, 32, 32))[-1].square().sum().backward()
    optimizer.step()
    changed = {name for name, new in backbone.state_dict().items() if not new.equal(before[name])}
    assert changed
    assert all(name.startswith("stages.2.") for name in changed)
    assert all("stages.2" in name for name, p in backbone.named_parameters() if p.requires_grad)
    with pytest.raises(ValueError, match="frozen_stages=4; give 0 to 3"):
        ResidualStages(widths=(4, 6, 8), depths=(1, 1, 1), frozen_stages=4)
