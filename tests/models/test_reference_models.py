"""Sizes of the published models: parameters, output shapes, multiply-adds. No weights are made."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from poseforge.models import build_estimator

MSE = dict(type="HeatmapMSE")
SEED_MAPS = dict(
    type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0, extra="sum", half_stride=False
)
MODELS = {
    "SimplePose": dict(
        codec=dict(type="Coordinates", input_size=(128, 128)),
        backbone=dict(type="ConvStack", channels=(128, 128, 256)),
        head=dict(
            type="RegressionHead",
            in_features=256 * 16 * 16,
            num_keypoints=14,
            loss=dict(type="CoordinateMSE", reduction="sum"),
        ),
    ),
    "HmapPose": dict(
        codec=SEED_MAPS,
        backbone=dict(type="ConvStack", channels=(128, 128, 128)),
        head=dict(
            type="HeatmapHead",
            in_channels=128,
            num_keypoints=14,
            extra_channels=1,
            tanh=True,
            loss=MSE,
        ),
    ),
    "CPM": dict(
        codec=dict(
            type="Heatmap", input_size=(368, 368), stride=8, sigma_px=7.0, extra="background"
        ),
        backbone=dict(type="CPMTowers"),
        head=dict(type="CPMHead", num_keypoints=14, loss=MSE),
    ),
    "CPM of FLIC": dict(
        skeleton=dict(name="nine", keypoints=tuple("abcdefghi")),
        codec=dict(
            type="Heatmap", input_size=(368, 368), stride=8, sigma_px=7.0, extra="background"
        ),
        backbone=dict(type="CPMTowers"),
        head=dict(type="CPMHead", num_keypoints=9, num_stages=4, loss=MSE),
    ),
    "seed CPM": dict(
        codec=SEED_MAPS,
        backbone=dict(type="CPMTowers", pool="padded", init_std=None),
        head=dict(type="SeedCPMHead", num_keypoints=14, loss=MSE),
    ),
}


@pytest.mark.parametrize(
    ("name", "parameters", "shape", "gigamacs"),
    [
        ("SimplePose", 69_427_100, (1, 14, 2), None),
        ("HmapPose", 6_339_087, (1, 15, 32, 32), None),
        ("CPM", 31_219_866, (1, 6, 15, 46, 46), 175.4),
        ("CPM of FLIC", pytest.approx(21.32e6, abs=5_000), (1, 4, 10, 46, 46), 154.5),
        ("seed CPM", 30_838_338, (1, 6, 15, 32, 32), None),
    ],
)
def test_size(name, parameters, shape, gigamacs):
    with torch.device("meta"):
        estimator = build_estimator(dict(skeleton="lsp14") | MODELS[name] | dict(type="TopDown"))
    assert sum(p.numel() for p in estimator.parameters()) == parameters
    width, height = estimator.codec.input_size
    image = torch.empty(1, 3, height, width, dtype=torch.uint8, device="meta")
    counter = FlopCounterMode(display=False)
    with counter:
        outputs = estimator(dict(image=image, center=torch.empty(1, 2, device="meta")), "tensor")
    assert outputs.shape == shape
    if gigamacs is not None:
        assert counter.get_total_flops() / 2e9 == pytest.approx(gigamacs, abs=0.05)
