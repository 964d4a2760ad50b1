import torch
from torch.nn import functional as F

from poseforge.engine.config import load_config
from poseforge.models import build_estimator
from poseforge.models.necks import Deconvolutions


def test_simple_baseline_has_as_many_parameters_as_published():
    with torch.device("meta"):
        estimator = build_estimator(load_config("configs/simplebaseline_r50_coco.py").model)
    assert sum(p.numel() for p in estimator.parameters()) == 33_999_697  # 34.0 M in the paper


def test_each_cell_becomes_the_kernel_s_middle_and_sizes_double():
    neck = Deconvolutions(1, widths=(1, 2)).eval()
    kernel = torch.arange(16.0).reshape(1, 1, 4, 4)
    with torch.no_grad():
        neck.layers[0].weight.copy_(kernel)
    one = torch.zeros(1, 1, 5, 7)
    one[0, 0, 2, 3] = 1
    (feature,) = neck([torch.rand(1, 9, 1, 1), one])
    assert feature.shape == (1, 2, 20, 28)
    expected = F.pad(kernel, (5, 5, 3, 3)) / (1 + 1e-5) ** 0.5  # the cell's own pixels are 6, 7
    torch.testing.assert_close(neck.layers[:3](one), expected)
