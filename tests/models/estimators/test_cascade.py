import copy
import logging

import pytest
import torch

from poseforge.models import CheckpointError, build_estimator, load_weights
from poseforge.testing import check_estimator, example_batch

SKELETON = dict(
    name="five",
    keypoints=("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    pairs=(("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")),
    torso=("left_shoulder", "right_hip"),
)
CROP = dict(type="Coordinates", input_size=(48, 64))
BACKBONE = dict(type="ConvStack", channels=(4, 6), kernel_size=3, batch_norm=True)
VIEW = dict(type="Coordinates", input_size=(32, 32), centered=True)
MSE = dict(type="CoordinateMSE")
REGRESSION = dict(
    codec=VIEW,
    backbone=BACKBONE,
    head=dict(type="RegressionHead", in_features=6 * 8 * 8, num_keypoints=5, hidden=(8,), loss=MSE),
)
MAPS = dict(
    codec=dict(type="Heatmap", input_size=(32, 32), stride=4, sigma_px=4.0, extra="background"),
    backbone=BACKBONE,
    head=dict(
        type="HeatmapHead",
        in_channels=6,
        num_keypoints=5,
        extra_channels=1,
        widths=(8,),
        loss=dict(type="HeatmapMSE"),
    ),
)
MACHINE = dict(
    codec=dict(type="Heatmap", input_size=(32, 32), stride=8, sigma_px=4.0, extra="background"),
    backbone=dict(type="CPMTowers", width=8, batch_norm=True),
    head=dict(
        type="CPMHead",
        num_keypoints=5,
        num_stages=2,
        width=8,
        batch_norm=True,
        loss=dict(type="HeatmapMSE"),
    ),
)
REFINERS = {"coordinates": None, "heatmaps": MAPS, "stages of its own": MACHINE}


def build(**options):
    torch.manual_seed(0)
    cfg = dict(type="Cascade", skeleton=SKELETON, codec=CROP, first=REGRESSION)
    return build_estimator(cfg | options)


def batch_of(size=2):
    return example_batch((48, 64), 5, batch_size=size)


def train_through(cascade, phases=None):
    """Begin every phase in turn, as if each one had been trained."""
    for phase in range(phases or cascade.phases):
        cascade.begin_phase(phase, [batch_of()])
    return cascade.eval()


def zero_(network):
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)


@pytest.mark.parametrize("first", [REGRESSION, MAPS, MACHINE])
def test_one_stage_keeps_the_contract(first):
    check_estimator(build(first=first, stages=1))


@pytest.mark.parametrize("refine", REFINERS.values(), ids=REFINERS)
def test_every_phase_trains_its_stage_alone(refine):
    cascade = build(refine=refine)
    for phase in range(3):
        cascade.begin_phase(phase, [batch_of()])
        cascade.train()
        before = copy.deepcopy(cascade.state_dict())
        cascade.zero_grad()
        sum(cascade(batch_of(), "loss").values()).backward()
        for index, network in enumerate(cascade.networks):
            is_trained = index == phase
            assert network.training == is_trained
            assert all((p.grad is not None) == is_trained for p in network.parameters())
            assert all(p.requires_grad == is_trained for p in network.parameters())
        changed = {k for k, v in cascade.state_dict().items() if not torch.equal(v, before[k])}
        assert changed  # the running means of batch normalisation
        assert all(name.startswith(f"networks.{phase}.") for name in changed)


@pytest.mark.parametrize("refine", REFINERS.values(), ids=REFINERS)
def test_all_stages_predict_in_pixels_of_the_image(refine):
    cascade = train_through(build(refine=refine))
    batch = batch_of()
    with torch.no_grad():
        outputs = cascade(batch, "tensor")
        assert outputs.shape == (2, 3, 5, 2)
        for stage in (1, 2, 3):
            cascade.last_stage = stage
            points = outputs[:, stage - 1] * torch.tensor([48.0, 64.0])
            prediction = cascade({**batch, "matrix": batch["matrix"] / 2}, "predict")
            torch.testing.assert_close(prediction["keypoints"], 2 * points)
            assert prediction["scores"].shape == (2, 5)


def test_refiners_that_say_zero_leave_the_first_stages_estimate():
    cascade = train_through(build())
    for network in list(cascade.networks)[1:]:
        zero_(network)
    first, second, third = cascade(batch_of(), "tensor").unbind(1)
    torch.testing.assert_close(second, first)
    torch.testing.assert_close(third, first)


def test_a_refiners_output_is_a_displacement_in_window_sides():
    cascade = train_through(build(sigma=1.5))
    network = cascade.networks[1]
    zero_(network)
    last = [m for m in network.modules() if isinstance(m, torch.nn.Linear)][-1]
    said = torch.tensor([[0.1, -0.2], [0.0, 0.3], [-0.1, 0.0], [0.25, 0.25], [0.0, 0.0]])
    with torch.no_grad():
        last.bias.copy_(said.flatten())
    pixels = torch.tensor([48.0, 64.0])
    first, second, _ = (cascade(batch_of(), "tensor") * pixels).unbind(1)
    torso = (first[:, 1] - first[:, 4]).norm(dim=-1)
    torch.testing.assert_close(second - first, 1.5 * torso[:, None, None] * said.expand(2, 5, 2))


def test_simulated_views_are_centred_at_the_truth_and_the_error():
    cascade = build(sigma=2.0)
    cascade.begin_phase(1, None)
    errors = cascade.errors[0]
    errors.mean.copy_(torch.arange(10.0).view(5, 2) / 50)  # and no deviation
    batch = batch_of()
    seen = cascade._simulate(batch, 1)
    assert seen["image"].shape == (2 * 5, 3, 32, 32)
    targets = cascade.networks[1].codec.encode(seen["keypoints"], seen["visible"])
    counts = targets["weights"].view(2, 5, 5).sum(dim=1)
    assert counts[1].tolist() == [1] * 5
    assert counts[0, 0] == 0  # not labelled; its turn goes to another joint
    assert sorted(counts[0].tolist()) == [0, 1, 1, 1, 2]
    rows = targets["weights"].nonzero()[:, 1]
    said = targets["coordinates"][targets["weights"] > 0]
    torch.testing.assert_close(said, -errors.mean[rows] / 2.0)  # -delta / (sigma * diameter)


def test_perfect_refiners_bring_simulated_estimates_back():
    cascade = build()
    cascade.begin_phase(1, None)
    cascade.errors[0].covariance.copy_(torch.eye(2).expand(5, 2, 2) * 0.05)
    seen = cascade._simulate(batch_of(), 1)
    codec = cascade.networks[1].codec
    targets = codec.encode(seen["keypoints"], seen["visible"])
    points, _ = codec.decode(targets["coordinates"])
    matrix = seen["matrix"]
    back = (points - matrix[:, None, :, 2]) / matrix[:, :1, :1]
    own = targets["weights"] > 0
    truth = batch_of()["keypoints"].repeat_interleave(5, dim=0)
    torch.testing.assert_close(back[own], truth[own])


def test_the_errors_of_the_stage_before_are_measured_in_torso_diameters():
    cascade = build(stages=2)
    batches = [batch_of(3), example_batch((48, 64), 5, batch_size=2, seed=1)]
    cascade.begin_phase(0, batches)
    cascade.eval()
    deltas, weights = [], []
    for batch in batches:
        points = cascade(batch, "tensor")[:, 0] * torch.tensor([48.0, 64.0])
        torso = (batch["keypoints"][:, 1] - batch["keypoints"][:, 4]).norm(dim=-1)
        deltas.append((points - batch["keypoints"]) / torso[:, None, None])
        weights.append(batch["visible"] > 0)
    cascade.begin_phase(1, batches)
    deltas, weights = torch.cat(deltas), torch.cat(weights)
    for joint in range(5):
        mine = deltas[weights[:, joint], joint].detach()
        torch.testing.assert_close(cascade.errors[0].mean[joint], mine.mean(dim=0))
        expected = torch.cov(mine.T, correction=0)
        torch.testing.assert_close(cascade.errors[0].covariance[joint], expected)


def test_the_simulated_estimates_follow_torchs_generator():
    cascade = train_through(build()).train()
    torch.manual_seed(5)
    first, second = (cascade(batch_of(), "loss")["loss_coordinates"].item() for _ in range(2))
    torch.manual_seed(5)
    assert cascade(batch_of(), "loss")["loss_coordinates"].item() == first != second


@pytest.mark.parametrize(("views", "count"), [(None, 5), (2, 2), (7, 7)])
def test_how_many_views_a_step_sees(views, count):
    cascade = train_through(build(views_per_image=views))
    seen = cascade._simulate(batch_of(), 2)
    assert len(seen["image"]) == 2 * count
    assert bool((seen["visible"] > 0).sum(dim=1).eq(1).all())


@pytest.mark.parametrize("refine", REFINERS.values(), ids=REFINERS)
@pytest.mark.parametrize("scales", [(1.0,), (0.9, 1.2)])
def test_flip_test_sees_a_mirror_image_mirrored(refine, scales):
    # A torso from side to side, as long in the mirror: one from left to right may not be.
    skeleton = dict(SKELETON, torso=("left_shoulder", "right_shoulder"))
    cascade = train_through(build(refine=refine, skeleton=skeleton)).double()
    cascade.flip_test, cascade.scales = True, scales
    batch = batch_of()
    batch["center"] = batch["center"] + 5
    x, y = batch["center"].unbind(-1)
    mirror = {
        **batch,
        "image": batch["image"].double().flip(-1),
        "center": torch.stack([47 - x, y], dim=-1),
    }
    batch["image"] = batch["image"].double()
    with torch.no_grad():
        there, here = cascade(batch, "predict"), cascade(mirror, "predict")
    order = [0, 2, 1, 4, 3]
    points = here["keypoints"][:, order]
    back = torch.stack([47 - points[..., 0], points[..., 1]], dim=-1)
    torch.testing.assert_close(back, there["keypoints"], atol=2e-2, rtol=0)


def test_what_is_not_labelled_changes_neither_loss_nor_gradient():
    cascade, results = train_through(build(views_per_image=9)), []
    for place in (10.0, float("nan")):
        batch = batch_of(1)
        batch["keypoints"][0, 0] = place  # visible is 0 there
        torch.manual_seed(0)
        cascade.zero_grad()
        loss = cascade(batch, "loss")["loss_coordinates"]
        loss.backward()
        gradients = [p.grad.clone() for p in cascade.networks[2].parameters()]
        results.append([loss.detach(), *gradients])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_one_person_without_any_label_costs_nothing():
    cascade, batch = train_through(build()), batch_of(1)
    batch["visible"].zero_()
    assert cascade(batch, "loss")["loss_coordinates"].item() == 0


@pytest.mark.parametrize("change", ["unlabelled", "no length", "one label", "far outside"])
def test_a_torso_that_will_not_do_is_told_once(change, caplog):
    cascade, batch = train_through(build()), batch_of()
    cascade.sides._has_told = False
    if change == "unlabelled":
        batch["visible"][1, 4] = 0
    elif change == "no length":
        batch["keypoints"][1, 4] = batch["keypoints"][1, 1]
    elif change == "one label":
        batch["visible"][1, 1:] = 0
    else:
        batch["keypoints"][1] += 1e4
    with caplog.at_level(logging.WARNING, logger="poseforge"):
        for _ in range(2):
            cascade.begin_phase(2, [batch])
            loss = cascade.train()(batch, "loss")["loss_coordinates"]
            assert bool(loss.isfinite())
    told = [r for r in caplog.records if "torso is not labelled or has no length" in r.message]
    assert len(told) == (0 if change == "far outside" else 1)
    sides = cascade.sides(batch["keypoints"], batch["visible"])
    points = batch["keypoints"][1][batch["visible"][1] > 0]
    box = (points.amax(dim=0) - points.amin(dim=0)).max().item()
    torso = 2 * (points[1] - points[-1]).norm().item() if change == "far outside" else None
    expected = {"one label": 64.0, "far outside": torso}.get(change, box)
    assert sides[1].item() == pytest.approx(expected, rel=1e-4)


def test_all_estimates_on_one_spot_look_at_the_whole_crop(caplog):
    cascade = train_through(build())
    for network in cascade.networks:
        zero_(network)
    with caplog.at_level(logging.WARNING, logger="poseforge"):
        points = cascade(batch_of(), "predict")["keypoints"]
    torch.testing.assert_close(points, torch.tensor([23.5, 31.5]).expand(2, 5, 2))


def test_the_last_stage_that_was_trained_predicts_and_no_later_one():
    cascade = train_through(build(), phases=2)
    assert cascade(batch_of(), "tensor").shape[1] == 2
    for stage in (0, 3):
        cascade.last_stage = stage
        with pytest.raises(ValueError, match=f"stage {stage} of the cascade cannot predict: 2 of"):
            cascade(batch_of(), "predict")


def test_a_checkpoint_carries_what_was_trained_and_measured():
    cascade = train_through(build(), phases=2)
    other = build()
    load_weights(other, cascade.state_dict(), "a file")
    other.begin_phase(1, None)
    batch = batch_of()
    torch.testing.assert_close(
        other.eval()(batch, "predict")["keypoints"], cascade(batch, "predict")["keypoints"]
    )
    assert torch.equal(other.errors[0].covariance, cascade.errors[0].covariance)


def test_a_checkpoint_that_lacks_a_stage_is_refused():
    with pytest.raises(CheckpointError, match="is a checkpoint of another model"):
        load_weights(build(), build(stages=2).state_dict(), "a file")


def test_half_precision_keeps_losses_and_points_single():
    cascade = train_through(build())
    with torch.autocast("cpu", torch.bfloat16):
        assert cascade(batch_of(), "loss")["loss_coordinates"].dtype == torch.float32
        with torch.no_grad():
            prediction = cascade(batch_of(), "predict")
    assert prediction["keypoints"].dtype == torch.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(stages=0), "stages=0 and views_per_image=None; give at least one"),
        (dict(views_per_image=0), "views_per_image=0; give at least one"),
        (dict(sigma=0.0), "sigma=0.0; it must be a positive number of torso diameters"),
        (dict(codec=MAPS["codec"]), "a cascade's own codec is Heatmap; give Coordinates"),
        (dict(skeleton="flic9"), "num_keypoints=5 but the skeleton 'flic9' has 9"),
        (
            dict(refine=dict(REGRESSION, skeleton="lsp14")),
            "a stage of the cascade has another skeleton than the cascade's 'five'",
        ),
        (
            dict(skeleton={k: v for k, v in SKELETON.items() if k != "torso"}),
            "the skeleton 'five' has no torso",
        ),
        (dict(first=dict(backbone=BACKBONE, codec=VIEW)), "TopDown needs the argument 'head'"),
    ],
)
def test_a_mistake_is_one_sentence(options, message):
    with pytest.raises(ValueError, match=message) as caught:
        build(**options)
    assert "\n" not in str(caught.value)


def test_an_unknown_mode_is_named():
    with pytest.raises(ValueError, match="mode='los'; choose one of"):
        build()(batch_of(), "los")
