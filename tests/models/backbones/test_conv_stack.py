import torch

from poseforge.models.backbones import ConvStack


def test_each_entry_halves_the_size():
    torch.manual_seed(0)
    for batch_norm in (False, True):
        (feature,) = ConvStack((4, 6, 8), batch_norm=batch_norm)(torch.rand(2, 3, 32, 24))
        assert feature.shape == (2, 8, 4, 3)
