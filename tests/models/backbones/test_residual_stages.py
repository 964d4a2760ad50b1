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
