import pytest
import torch

from poseforge.models.backbones import VGGFront


def test_size_is_vggs_and_two_convolutions_more():
    with torch.device("meta"):
        backbone = VGGFront()
        (feature,) = backbone(torch.empty(1, 3, 368, 368))
    assert feature.shape == (1, 128, 46, 46)
    front = sum(p.numel() for p in backbone.front.parameters())
    pairs = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), *[(256, 256)] * 3]
    pairs += [(256, 512), (512, 512)]
    assert front == sum((9 * a + 1) * b for a, b in pairs) == 5_865_536
    condensed = sum(p.numel() for p in backbone.condense.parameters())
    assert condensed == (9 * 512 + 1) * 256 + (9 * 256 + 1) * 128 == 1_474_944


def test_the_front_is_that_of_torchvisions_vgg19():
    models = pytest.importorskip("torchvision.models")
    vgg = models.vgg19(weights=None).features[:23].eval()
    backbone = VGGFront().eval()
    theirs = [part for part in vgg if isinstance(part, torch.nn.Conv2d)]
    ours = [part for part in backbone.front.modules() if isinstance(part, torch.nn.Conv2d)]
    for mine, other in zip(ours, theirs, strict=True):
        mine.load_state_dict(other.state_dict())
    images = torch.rand(1, 3, 40, 48)
    torch.testing.assert_close(backbone.front(images), vgg(images))


def test_narrow_and_normalised():
    (feature,) = VGGFront(width=4, batch_norm=True)(torch.rand(2, 3, 32, 40))
    assert feature.shape == (2, 8, 4, 5)
