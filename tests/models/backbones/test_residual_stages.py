import pytest
import torch
from torchvision.models.resnet import BasicBlock

from poseforge.models.backbones import ResidualStages
from poseforge.models.backbones.residual_stages import ResidualBlock


@pytest.mark.parametrize(("widths", "stride"), [((8, 8), 1), ((8, 12), 2)])
def test_a_block_computes_what_torchvision_s_does(widths, stride):
    torch.manual_seed(0)
    ours = ResidualBlock(*widths, stride=stride).eval()
    shortcut = None if stride == 1 else ours.shortcut
    theirs = BasicBlock(*widths, stride=stride, downsample=shortcut).eval()
    conv1, bn1, _, conv2, bn2 = ours.residual
    torch.nn.init.normal_(bn2.weight)
    theirs.conv1, theirs.bn1, theirs.conv2, theirs.bn2 = conv1, bn1, conv2, bn2
    images = torch.randn(2, widths[0], 9, 9)
    torch.testing.assert_close(ours(images), theirs(images))


def test_each_stage_halves_the_size_and_begins_as_its_shortcut():
    backbone = ResidualStages(widths=(8, 16, 24), depths=(1, 2, 1), stem=4).eval()
    features = backbone(torch.rand(1, 3, 64, 96))
    assert [tuple(f.shape[1:]) for f in features] == [(8, 16, 24), (16, 8, 12), (24, 4, 6)]
    torch.testing.assert_close(backbone.stages[0](features[0]), features[0])


def test_widths_and_depths_must_fit():
    with pytest.raises(ValueError, match="one number of each"):
        ResidualStages(widths=(8, 16), depths=(1,))
