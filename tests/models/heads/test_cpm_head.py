import numpy as np
import pytest
import torch

from poseforge.codecs import Heatmap
from poseforge.models.heads import CPMHead, SeedCPMHead
from poseforge.models.losses import HeatmapMSE
from poseforge.testing import check_head, example_batch

SIZE = (48, 64)


@pytest.fixture
def features():
    torch.manual_seed(0)
    return [torch.rand(2, 8, 8, 6) for _ in range(2)]


@pytest.mark.parametrize(
    "head",
    [
        lambda: CPMHead(5, HeatmapMSE(), num_stages=3, width=8),
        lambda: CPMHead(5, HeatmapMSE(), num_stages=3, width=8, batch_norm=True),
        lambda: CPMHead(5, HeatmapMSE(), num_stages=1, width=8),
        lambda: SeedCPMHead(5, HeatmapMSE(), num_stages=3, width=8),
        lambda: SeedCPMHead(5, HeatmapMSE(), num_stages=1, width=8),
    ],
)
def test_contract(head, features):
    torch.manual_seed(0)
    check_head(head(), Heatmap(SIZE, 8, 8.0, extra="background"), features, 5)


def test_every_stage_has_its_loss(features):
    head = CPMHead(5, HeatmapMSE(), num_stages=3, width=8, stage_weights=(1.0, 0.5, 2.0)).eval()
    batch = example_batch(SIZE, 5)
    outputs = head(features, batch)
    assert outputs.shape == (2, 3, 6, 8, 6)
    codec = Heatmap(SIZE, 8, 8.0, extra="background")
    targets = codec.encode(batch["keypoints"], batch["visible"])
    losses = head.loss(outputs, targets)
    assert list(losses) == ["loss_stage1", "loss_stage2", "loss_stage3"]
    for stage, weight in enumerate((1.0, 0.5, 2.0)):
        alone = HeatmapMSE()(outputs[:, stage], targets["heatmaps"], targets["weights"])
        torch.testing.assert_close(losses[f"loss_stage{stage + 1}"], weight * alone)


def test_later_stages_depend_on_the_centre_and_the_first_does_not(features):
    torch.manual_seed(0)
    for kind in (CPMHead, SeedCPMHead):
        head = kind(5, HeatmapMSE(), num_stages=2, width=8).eval()
        here = example_batch(SIZE, 5)
        there = {**here, "center": here["center"] + 10}
        first, second = head(features, here), head(features, there)
        assert torch.equal(first[:, 0], second[:, 0])
        assert not torch.equal(first[:, 1], second[:, 1])


def test_centre_map_of_the_seed_is_drawn_in_cells():
    batch = example_batch((256, 256), 5)
    batch["center"] = torch.tensor([[100.0, 60.0], [8.0, 250.0]])
    y, x = np.mgrid[:32, :32]
    expected = [
        np.exp(-((x - cx / 8) ** 2 + (y - cy / 8) ** 2) / (2 * 3**2))
        for cx, cy in batch["center"].tolist()
    ]
    maps = SeedCPMHead(5, HeatmapMSE(), width=8).center_map(batch)
    np.testing.assert_allclose(maps[:, 0].numpy(), expected, atol=1e-6)


def test_centre_map_of_the_release_has_21_px_of_368():
    batch = example_batch((368, 368), 5)
    maps = CPMHead(5, HeatmapMSE(), num_stages=2, width=8).center_map(batch)
    y, x = np.mgrid[:368, :368]
    drawn = np.exp(-((x - 183.5) ** 2 + (y - 183.5) ** 2) / (2 * 21**2))
    assert maps.shape == (2, 1, 46, 46)
    assert float(maps[0, 0, 20, 25]) == pytest.approx(drawn[160:169, 200:209].mean(), abs=1e-6)


def test_the_seed_shares_one_image_convolution():
    names = dict(SeedCPMHead(5, HeatmapMSE(), num_stages=3, width=8).named_parameters())
    assert sum(name.startswith("image_convs") for name in names) == 2  # weight and bias
    assert not any(isinstance(m, torch.nn.Dropout) for m in SeedCPMHead(5, HeatmapMSE()).modules())


@pytest.mark.parametrize("options", [dict(num_stages=0), dict(num_stages=2, stage_weights=(1,))])
def test_stages_and_weights_must_agree(options):
    with pytest.raises(ValueError, match="give one weight a stage"):
        CPMHead(5, HeatmapMSE(), width=8, **options)
