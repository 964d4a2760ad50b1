import pytest
import torch
from torchvision.models.resnet import BasicBlock

from poseforge.models.layers import ResidualBlock


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
