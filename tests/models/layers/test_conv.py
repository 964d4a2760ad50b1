import pytest
import torch

from poseforge.models.layers import conv_relu, gaussian_init_


def test_size_stays_and_negative_is_cut():
    torch.manual_seed(0)
    for batch_norm in (False, True):
        block = conv_relu(3, 8, 5, batch_norm=batch_norm)
        outputs = block(torch.randn(2, 3, 7, 9))
        assert outputs.shape == (2, 8, 7, 9)
        assert outputs.min() == 0
        assert (block[0].bias is None) == batch_norm


def test_batch_norm_starts_from_he_and_plain_may_start_from_a_gaussian():
    torch.manual_seed(0)
    normed = conv_relu(64, 64, 5, batch_norm=True)[0]
    assert float(normed.weight.detach().std()) == pytest.approx((2 / (64 * 25)) ** 0.5, rel=0.02)
    plain = conv_relu(64, 64, 5)
    gaussian_init_(plain, 0.01)
    assert float(plain[0].weight.detach().std()) == pytest.approx(0.01, rel=0.02)
    assert not plain[0].bias.any()
