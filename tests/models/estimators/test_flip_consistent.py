import pytest
import torch

from poseforge.models import build_estimator
from poseforge.testing import check_estimator, example_batch

SKELETON = dict(
    name="three", keypoints=("nose", "left_eye", "right_eye"), pairs=(("left_eye", "right_eye"),)
)
MODEL = dict(
    skeleton=SKELETON,
    codec=dict(type="Heatmap", input_size=(48, 64), stride=8, sigma_px=8.0),
    backbone=dict(type="ConvStack", channels=(4, 4, 6), kernel_size=3),
    head=dict(
        type="HeatmapHead",
        in_channels=6,
        num_keypoints=3,
        widths=(8, 8),
        loss=dict(type="HeatmapMSE"),
    ),
)


def build(kind, **options):
    torch.manual_seed(0)
    return build_estimator(dict(MODEL, type=kind, **options))


def test_contract():
    check_estimator(build("FlipConsistent"))


def test_the_loss_is_the_difference_of_two_runs():
    batch, plain = example_batch((48, 64), 3), build("TopDown")
    found = build("FlipConsistent", weight=3.0)(batch, "loss")
    maps = plain(batch, "tensor")
    mirror = plain({**batch, "image": batch["image"].flip(-1)}, "tensor")
    unmirrored = mirror.flip(-1)[:, [0, 2, 1]]
    expected = 3 * (maps - unmirrored).square().mean()
    torch.testing.assert_close(found["loss_flip"], expected)
    own = plain(batch, "loss")["loss_heatmaps"]
    torch.testing.assert_close(found["loss_heatmaps"], own)


def test_training_on_it_alone_makes_a_model_consistent_without_labels():
    model, batch = build("FlipConsistent"), example_batch((48, 64), 3)
    batch["visible"] = torch.zeros_like(batch["visible"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    values = []
    for _ in range(20):
        losses = model(batch, "loss")
        assert losses["loss_heatmaps"] == 0
        optimizer.zero_grad()
        losses["loss_flip"].backward()
        optimizer.step()
        values.append(losses["loss_flip"].item())
    assert values[-1] < values[0] / 4


def test_weights_and_predictions_are_those_of_top_down():
    one, other = build("FlipConsistent").eval(), build("TopDown").eval()
    other.load_state_dict(one.state_dict())
    batch = example_batch((48, 64), 3)
    for name, value in one(batch, "predict").items():
        torch.testing.assert_close(value, other(batch, "predict")[name])


@pytest.mark.parametrize("weight", [0, -1.0, float("nan")])
def test_a_weight_that_is_not_positive_is_refused(weight):
    with pytest.raises(ValueError, match="give more than 0, or use TopDown"):
        build("FlipConsistent", weight=weight)
