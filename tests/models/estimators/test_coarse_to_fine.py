import pytest
import torch

from poseforge.models import build_estimator
from poseforge.testing import check_estimator, example_batch

SKELETON = dict(
    name="three", keypoints=("nose", "left_eye", "right_eye"), pairs=(("left_eye", "right_eye"),)
)
SIZE = (48, 64)
COARSE, FINE, BOTH = range(3)


def build(*, scale=0.1, fine=None, **options):
    torch.manual_seed(0)
    model = dict(
        type="CoarseToFine",
        skeleton=SKELETON,
        codec=dict(type="Heatmap", input_size=SIZE, stride=8, sigma_px=8.0),
        backbone=dict(type="MultiResolutionBanks", width=4, wide=16, spatial_dropout=0.5),
        head=dict(
            type="HeatmapHead",
            in_channels=16,
            num_keypoints=3,
            kernel_size=1,
            widths=(16,),
            batch_norm=True,
            loss=dict(type="HeatmapMSE"),
        ),
        fine_head=dict(
            type="WindowHead",
            num_keypoints=3,
            channels=4,
            window_px=12,
            sigma_px=2.0,
            batch_norm=True,
            loss=dict(type="HeatmapMSE", scale=scale),
        )
        | (fine or {}),
    )
    return build_estimator(model | options)


@pytest.fixture
def batch():
    return example_batch(SIZE, 3)


def coarse_points(estimator, batch):
    with torch.no_grad():
        return estimator.codec.decode(estimator(batch, "tensor"))[0]


@pytest.mark.parametrize("options", [{}, dict(flip_test=True, scales=(0.9, 1.0, 1.2))])
def test_contract(options):
    check_estimator(build(fine=dict(jitter_px=2.0), **options))


def test_the_last_stage_is_the_coarse_point_and_its_windows_offset(batch):
    estimator = build().eval()
    coarse = coarse_points(estimator, batch)
    features = estimator.backbone(estimator.normalize(batch["image"]))
    maps = estimator.fine_head(features, {"keypoints": coarse})
    offsets = estimator.fine_head.codec.decode(maps)[0] - 5.5  # a window of 12 has its middle there
    assert offsets.abs().max() > 0.5
    with torch.no_grad():
        predicted = estimator(batch, "predict")
        estimator.last_stage = 1
        first = estimator(batch, "predict")
        estimator.last_stage = 2
        second = estimator(batch, "predict")
    torch.testing.assert_close(first["keypoints"], coarse)
    torch.testing.assert_close(second["keypoints"], coarse + offsets)
    assert torch.equal(second["keypoints"], predicted["keypoints"])
    assert torch.equal(first["scores"], second["scores"])


@pytest.mark.parametrize("scales", [(1.0,), (0.8, 1.25)])
def test_flip_test_sees_a_mirror_image_mirrored(scales, batch):
    estimator = build(flip_test=True, scales=scales).eval().double()
    mirror = {**batch, "image": batch["image"].flip(-1)}
    with torch.no_grad():
        there, here = estimator(batch, "predict"), estimator(mirror, "predict")
    order = [0, 2, 1]
    x, y = here["keypoints"].unbind(-1)
    back = torch.stack([47 - x, y], dim=-1)
    torch.testing.assert_close(back[:, order], there["keypoints"], atol=1e-2, rtol=0)


def test_offsets_of_an_enlarged_input_are_shrunk(batch):
    """A fine head that always says (3, -1) is averaged over the scales' own pixels."""
    estimator = build(scales=(0.5, 1.0, 2.0)).eval()
    offset = torch.tensor([3.0, -1.0])
    estimator.fine_head.offsets = lambda maps: offset.expand(len(maps), 3, 2)
    with torch.no_grad():
        second = estimator(batch, "predict")["keypoints"]
        estimator.last_stage = 1
        first = estimator(batch, "predict")["keypoints"]
    torch.testing.assert_close(second - first, (offset * (2 + 1 + 0.5) / 3).expand(2, 3, 2))


def test_windows_of_an_enlarged_input_lie_where_its_joints_are(batch):
    estimator = build(scales=(1.0, 2.0), flip_test=True).eval()
    seen = []
    estimator.fine_head.register_forward_pre_hook(lambda _, args: seen.append(args[1]["keypoints"]))
    with torch.no_grad():
        estimator(batch, "predict")
        estimator.last_stage = 1
        coarse = estimator(batch, "predict")["keypoints"]
    x, y = coarse.unbind(-1)
    twice = torch.stack([2 * x - 23.5, 2 * y - 31.5], dim=-1)  # about the middle of 48 x 64
    for middles, plain in zip(seen, (coarse, twice), strict=True):
        mirrored = torch.stack([47 - plain[..., 0], plain[..., 1]], dim=-1)[:, [0, 2, 1]]
        torch.testing.assert_close(middles, torch.cat([plain, mirrored]))


def test_a_trace_without_breaks_is_possible(batch):
    estimator = build().eval()
    compiled = torch.compile(estimator, backend="eager", fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(batch, "tensor"), estimator(batch, "tensor"))


def test_losses_are_the_papers_in_each_phase(batch):
    """E1; E2; E1 + 0.1 E2, each against its definition on maps made by hand."""
    estimator = build().eval()
    codec, head = estimator.codec, estimator.fine_head
    weights = (batch["visible"] > 0).float()
    maps = estimator(batch, "tensor")
    targets = codec.encode(batch["keypoints"], batch["visible"])["heatmaps"]
    first = ((maps - targets).square() * weights[..., None, None]).mean()
    coarse = coarse_points(estimator, batch)
    features = estimator.backbone(estimator.normalize(batch["image"]))
    cells = torch.arange(12) - 5.5
    away = (batch["keypoints"] - coarse)[..., None] - cells  # (B, K, xy, 12)
    gauss = torch.exp(-0.5 * (away / 2.0).square())
    windows = gauss[:, :, 1, :, None] * gauss[:, :, 0, None, :]
    error = (head(features, {"keypoints": coarse}) - windows).square()
    second = 0.1 * (error * weights[..., None, None]).mean()
    expected = {
        COARSE: {"loss_heatmaps": first},
        FINE: {"loss_windows": second},
        BOTH: {"loss_heatmaps": first, "loss_windows": second},
    }
    for phase, losses in expected.items():
        estimator.begin_phase(phase, None)
        torch.testing.assert_close(estimator.eval()(batch, "loss"), losses)


def trained(estimator, batch, phase):
    """Run one step of SGD and return the names of parameters and buffers that have changed."""
    before = {name: value.clone() for name, value in estimator.state_dict().items()}
    estimator.train()
    estimator.begin_phase(phase, iter([batch]))
    parameters = [p for p in estimator.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=1.0)
    sum(estimator(batch, "loss").values()).backward()
    assert all(p.grad is not None for p in parameters)  # parallel training waits for each
    optimizer.step()
    estimator.zero_grad()
    after = estimator.state_dict()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    return {name.split(".")[0] for name in changed - {"trained_stages"}}


def test_each_phase_trains_its_part_and_keeps_the_statistics_of_the_rest(batch):
    estimator = build()
    assert trained(estimator, batch, COARSE) == {"backbone", "head"}
    assert trained(estimator, batch, FINE) == {"fine_head"}
    assert trained(estimator, batch, BOTH) == {"backbone", "head", "fine_head"}


def test_frozen_parts_stay_in_evaluation_mode():
    estimator = build()
    estimator.begin_phase(FINE, None)
    estimator.train()
    modes = [estimator.backbone.training, estimator.head.training, estimator.fine_head.training]
    assert modes == [False, False, True]
    assert not any(module.training for module in estimator.backbone.modules())
    estimator.begin_phase(BOTH, None)
    assert all(module.training for module in estimator.modules())
    estimator.eval()
    estimator.begin_phase(COARSE, None)
    assert not any(module.training for module in estimator.modules())


def test_the_fine_model_is_not_used_before_it_is_trained_and_a_checkpoint_knows(batch):
    estimator = build().eval()
    estimator.begin_phase(COARSE, None)
    with torch.no_grad():
        early = estimator(batch, "predict")["keypoints"]
    torch.testing.assert_close(early, coarse_points(estimator, batch))
    loaded = build().eval()
    loaded.load_state_dict(estimator.state_dict())
    with torch.no_grad():
        assert torch.equal(loaded(batch, "predict")["keypoints"], early)
        estimator.begin_phase(FINE, None)
        assert not torch.equal(estimator.eval()(batch, "predict")["keypoints"], early)


@pytest.mark.parametrize("place", [(0.0, 0.0), (47.0, 63.0), (-30.0, 20.0), (500.0, 500.0)])
def test_windows_at_and_beyond_the_border_are_looked_at_too(batch, place):
    estimator = build(flip_test=True).eval()
    decode = estimator.codec.decode
    at_border = torch.tensor(place).expand(2, 3, 2)
    object.__setattr__(estimator.codec, "decode", lambda maps: (at_border, decode(maps)[1]))
    with torch.no_grad():
        predicted = estimator(batch, "predict")["keypoints"]
    assert predicted.isfinite().all()
    assert (predicted - at_border).abs().max() <= 6  # half a window
    assert sum(estimator(batch, "loss").values()).isfinite()


def test_not_labelled_changes_neither_loss_nor_gradient(batch):
    estimator, results = build().eval(), []
    for place in (10.0, 30.0):
        batch["keypoints"][0, 0] = place  # visible is 0 there
        estimator.zero_grad()
        loss = sum(estimator(batch, "loss").values())
        loss.backward()
        results.append([loss.detach(), *(p.grad.clone() for p in estimator.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_half_precision_losses_and_points_are_single(batch):
    estimator = build(flip_test=True).eval()
    with torch.autocast("cpu", torch.bfloat16):
        assert all(loss.dtype == torch.float32 for loss in estimator(batch, "loss").values())
        with torch.no_grad():
            half = estimator(batch, "predict")
    assert half["keypoints"].dtype == half["scores"].dtype == torch.float32


def test_heads_must_agree():
    with pytest.raises(ValueError, match="num_keypoints=4 but the coarse one has 3"):
        build(fine=dict(num_keypoints=4))


@pytest.mark.parametrize(("stride", "cells"), [(4, 64), (8, 32), (16, 16)])
def test_size_of_the_papers_model(stride, cells):
    banks = 3 * (25 * 3 * 128 + 128 + 2 * (25 * 128 * 128 + 128) + 81 * 128 * 512 + 512)
    coarse = 512 * 256 + 256 + 256 * 256 + 256 + 256 * 14 + 14
    fine = 8 * (25 * 128 * 128 + 128) + 2 * (128 * 128 + 128) + 14 * 129
    with torch.device("meta"):
        estimator = build(
            skeleton="lsp14",
            codec=dict(type="Heatmap", input_size=(256, 256), stride=stride, sigma_px=12.0),
            backbone=dict(type="MultiResolutionBanks", stride=stride, spatial_dropout=0.5),
            head=dict(
                type="HeatmapHead",
                in_channels=512,
                num_keypoints=14,
                kernel_size=1,
                widths=(256, 256),
                loss=dict(type="HeatmapMSE"),
            ),
            fine_head=dict(type="WindowHead", num_keypoints=14, loss=dict(type="HeatmapMSE")),
        )
        image = torch.empty(1, 3, 256, 256, dtype=torch.uint8)
        assert estimator({"image": image}, "tensor").shape == (1, 14, cells, cells)
    count = sum(p.numel() for p in estimator.parameters())
    assert count == banks + coarse + fine == 21_927_708
