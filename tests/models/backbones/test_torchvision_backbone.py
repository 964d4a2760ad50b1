import builtins

import pytest
import torch

from poseforge.models.backbones import TorchvisionBackbone
from poseforge.registry import BACKBONES


def test_it_gives_torchvisions_features_and_drops_what_comes_after():
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    backbone = BACKBONES.build(
        dict(type="TorchvisionBackbone", name="resnet18", nodes=("layer2", "avgpool"))
    ).eval()
    whole = models.resnet18(weights=None).eval()
    whole.load_state_dict(backbone.network.state_dict(), strict=False)
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        middle, pooled = backbone(images)
        stem = whole.maxpool(whole.relu(whole.bn1(whole.conv1(images))))
        torch.testing.assert_close(middle, whole.layer2(whole.layer1(stem)))
        torch.testing.assert_close(whole.fc(pooled.flatten(1)), whole(images))
    assert not any(name.startswith("fc") for name in backbone.network.state_dict())


@pytest.mark.parametrize(
    ("name", "node", "shape"),
    [
        ("resnet50", "layer4", (1, 2048, 7, 7)),
        ("mobilenet_v3_small", "features", (1, 576, 7, 7)),
        ("convnext_tiny", "features", (1, 768, 7, 7)),
    ],
)
def test_features_of_several_kinds(name, node, shape):
    with torch.device("meta"):
        backbone = TorchvisionBackbone(name, nodes=(node,))
        (feature,) = backbone(torch.empty(1, 3, 224, 224))
    assert feature.shape == shape


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(name="resnet5"), "no classification network 'resnet5'; did you mean 'resnet50'"),
        (dict(nodes=("layer5",)), "resnet50 does not have all of the nodes layer5; .*layer4"),
        (dict(weights="IMAGENET"), "no weights 'IMAGENET' of resnet50; choose one of IMAGENET1K"),
    ],
)
def test_a_mistake_is_one_sentence(options, message):
    with torch.device("meta"), pytest.raises(ValueError, match=message) as caught:
        TorchvisionBackbone(**options)
    assert "\n" not in str(caught.value)


def test_without_torchvision_the_sentence_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.split(".")[0] == "torchvision":
            raise ImportError("No module named 'torchvision'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ValueError, match="install it with pip install torchvision"):
        TorchvisionBackbone()
