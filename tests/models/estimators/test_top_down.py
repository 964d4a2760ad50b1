import pytest
import torch

from poseforge.models import build_estimator
from poseforge.testing import check_estimator, example_batch

SKELETON = dict(
    name="three", keypoints=("nose", "left_eye", "right_eye"), pairs=(("left_eye", "right_eye"),)
)
BACKBONE = dict(type="ConvStack", channels=(4, 4, 6), kernel_size=3)
MAPS = dict(type="Heatmap", input_size=(48, 64), stride=8, sigma_px=8.0)
WITH_BACKGROUND = dict(MAPS, extra="background")
MSE = dict(type="HeatmapMSE")
MODELS = {
    "coordinates": dict(
        codec=dict(type="Coordinates", input_size=(48, 64)),
        backbone=BACKBONE,
        head=dict(
            type="RegressionHead",
            in_features=6 * 8 * 6,
            num_keypoints=3,
            hidden=(16,),
            loss=dict(type="CoordinateMSE"),
        ),
    ),
    "heatmaps": dict(
        codec=MAPS,
        backbone=BACKBONE,
        head=dict(type="HeatmapHead", in_channels=6, num_keypoints=3, widths=(8, 8), loss=MSE),
    ),
    "stages": dict(
        codec=WITH_BACKGROUND,
        backbone=dict(type="CPMTowers", width=8, batch_norm=True),
        head=dict(
            type="CPMHead", num_keypoints=3, num_stages=2, width=8, batch_norm=True, loss=MSE
        ),
    ),
}


def build(name, **options):
    torch.manual_seed(0)
    return build_estimator(dict(type="TopDown", skeleton=SKELETON, **MODELS[name]) | options)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("options", [{}, dict(flip_test=True, scales=(0.9, 1.0, 1.2))])
def test_contract(name, options):
    check_estimator(build(name, **options))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("scales", [(1.0,), (0.8, 1.25)])
def test_flip_test_sees_a_mirror_image_mirrored(name, scales):
    estimator = build(name, flip_test=True, scales=scales).eval().double()
    batch = example_batch((48, 64), 3)
    batch["center"] = batch["center"] + 5
    x, y = batch["center"].unbind(-1)
    mirror = {
        **batch,
        "image": batch["image"].flip(-1),
        "center": torch.stack([47 - x, y], dim=-1),
    }
    with torch.no_grad():
        there, here = estimator(batch, "predict"), estimator(mirror, "predict")
    order = [0, 2, 1]
    back = torch.stack([47 - here["keypoints"][..., 0], here["keypoints"][..., 1]], dim=-1)
    torch.testing.assert_close(back[:, order], there["keypoints"], atol=1e-2, rtol=0)
    torch.testing.assert_close(here["scores"][:, order], there["scores"], atol=1e-5, rtol=1e-4)


def test_without_flip_test_a_mirror_image_is_seen_differently():
    estimator = build("heatmaps").eval()
    batch = example_batch((48, 64), 3)
    with torch.no_grad():
        there = estimator(batch, "tensor")
        here = estimator({**batch, "image": batch["image"].flip(-1)}, "tensor")
    assert not torch.allclose(estimator.codec.flip(here, estimator.skeleton), there, atol=1e-4)


def test_predictions_are_in_pixels_of_the_image():
    estimator = build("coordinates").eval()
    batch = example_batch((48, 64), 3)
    batch["matrix"] = torch.tensor([[[0.0, -2.0, 30.0], [2.0, 0.0, -7.0]]]).expand(2, 2, 3)
    with torch.no_grad():
        points, _ = estimator.codec.decode(estimator(batch, "tensor"))
        predicted = estimator(batch, "predict")["keypoints"]
    forth = torch.stack([-2 * predicted[..., 1] + 30, 2 * predicted[..., 0] - 7], dim=-1)
    torch.testing.assert_close(forth, points)


def test_loss_is_that_of_the_encoded_points():
    estimator = build("coordinates").eval()
    batch = example_batch((48, 64), 3)
    (loss,) = estimator(batch, "loss").values()
    truth = batch["keypoints"] / torch.tensor([48.0, 64.0])
    error = (estimator(batch, "tensor") - truth).square().sum(-1) * (batch["visible"] > 0)
    torch.testing.assert_close(loss, error.sum() / (2 * 3 * 2))


@pytest.mark.parametrize("name", MODELS)
def test_not_labelled_changes_neither_loss_nor_gradient(name):
    estimator, results = build(name).eval(), []
    batch = example_batch((48, 64), 3)
    for place in (10.0, 30.0):
        batch["keypoints"][0, 0] = place  # visible is 0 there
        estimator.zero_grad()
        loss = sum(estimator(batch, "loss").values())
        loss.backward()
        results.append([loss.detach(), *(p.grad.clone() for p in estimator.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_neck_stands_between_backbone_and_head():
    class Double(torch.nn.Module):
        def forward(self, features):
            return [2 * feature for feature in features]

    plain, doubled = build("heatmaps").eval(), build("heatmaps", neck=Double()).eval()
    batch = example_batch((48, 64), 3)
    assert not torch.allclose(plain(batch, "tensor"), doubled(batch, "tensor"))


@pytest.mark.parametrize("name", MODELS)
def test_half_precision_averages_and_losses_are_single(name):
    estimator = build(name, flip_test=True, scales=(0.9, 1.0)).eval()
    batch = example_batch((48, 64), 3)
    with torch.autocast("cpu", torch.bfloat16):
        assert all(loss.dtype == torch.float32 for loss in estimator(batch, "loss").values())
        with torch.no_grad():
            half = estimator(batch, "predict")
    assert half["keypoints"].dtype == half["scores"].dtype == torch.float32
    assert half["keypoints"].isfinite().all()


def test_a_trace_without_breaks_is_possible():
    estimator = build("stages").eval()
    batch = example_batch((48, 64), 3)
    compiled = torch.compile(estimator, backend="eager", fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(batch, "tensor"), estimator(batch, "tensor"))


def test_refuses():
    with pytest.raises(ValueError, match=r"num_keypoints=3 but the skeleton 'lsp14' has 14"):
        build("heatmaps", skeleton="lsp14")
    with pytest.raises(ValueError, match="choose one of loss, predict, tensor"):
        build("heatmaps")(example_batch((48, 64), 3), "test")
    for scales in ((), (1.0, 0.0)):
        with pytest.raises(ValueError, match="give at least one, each above 0"):
            build("heatmaps", scales=scales)(example_batch((48, 64), 3), "predict")
