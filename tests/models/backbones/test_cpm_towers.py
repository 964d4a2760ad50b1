import pytest
import torch

from poseforge.models.backbones import CPMTowers


@pytest.mark.parametrize("pool", ["ceil", "padded"])
@pytest.mark.parametrize("side", [32, 40, 72])
def test_two_features_of_an_eighth_of_the_size(pool, side):
    torch.manual_seed(0)
    features = CPMTowers(width=4, pool=pool)(torch.rand(1, 3, side, 2 * side))
    assert [tuple(f.shape) for f in features] == [(1, 4, side // 8, side // 4)] * 2
    assert not torch.equal(*features), "the towers share their weights"


def test_weights_start_as_in_the_release():
    torch.manual_seed(0)
    convolution = CPMTowers(width=16).later[1][0][0]
    assert float(convolution.weight.detach().std()) == pytest.approx(0.01, rel=0.05)
    default = CPMTowers(width=16, init_std=None).later[1][0][0]
    assert float(default.weight.detach().abs().max()) <= (1 / (16 * 81)) ** 0.5
    assert default.bias.any()


def test_pool_must_be_known():
    with pytest.raises(ValueError, match="choose one of ceil, padded"):
        CPMTowers(pool="floor")
