import pytest
import torch

from poseforge.codecs import Heatmap
from poseforge.models.heads import HeatmapHead
from poseforge.models.losses import HeatmapMSE
from poseforge.testing import check_head, example_batch


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize(("extra", "extra_channels"), [(None, 0), ("sum", 1), ("background", 1)])
def test_contract(batch_norm, extra, extra_channels):
    torch.manual_seed(0)
    head = HeatmapHead(
        6, 5, HeatmapMSE(), extra_channels=extra_channels, widths=(8, 4), batch_norm=batch_norm
    )
    codec = Heatmap((24, 32), 8, 8.0, extra=extra)
    check_head(head, codec, [torch.rand(2, 6, 4, 3)], 5)


def test_tanh_bounds_the_maps():
    torch.manual_seed(0)
    head = HeatmapHead(6, 5, HeatmapMSE(), widths=(8,), tanh=True)
    maps = head([1e3 * torch.rand(2, 6, 4, 3)], example_batch((24, 32), 5))
    assert 0.99 < maps.abs().max() <= 1


def test_a_codec_with_another_number_of_maps_is_named():
    head = HeatmapHead(6, 5, HeatmapMSE(), widths=(8,))
    batch = example_batch((24, 32), 5)
    targets = Heatmap((24, 32), 8, 8.0, extra="sum").encode(batch["keypoints"], batch["visible"])
    with pytest.raises(ValueError, match=r"outputs \(2, 5, 4, 3\) .* targets \(2, 6, 4, 3\)"):
        head.loss(head([torch.rand(2, 6, 4, 3)], batch), targets)
