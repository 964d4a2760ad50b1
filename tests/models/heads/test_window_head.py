import pytest
import torch

from poseforge.models.heads import WindowHead
from poseforge.models.layers import crop_windows
from poseforge.models.losses import HeatmapMSE
from poseforge.testing import check_head

K = 5
STRIDES = (1, 2, 2, 4)


def make(**options):
    torch.manual_seed(0)
    return WindowHead(K, HeatmapMSE(), **dict(channels=6, window_px=12, sigma_px=2.0) | options)


@pytest.fixture
def features():
    torch.manual_seed(0)
    return [torch.rand(2, 6, -(-30 // stride), -(-22 // stride)) for stride in STRIDES]


@pytest.fixture
def middles():
    return 22 * torch.rand(2, K, 2, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_contract(batch_norm, features):
    head = make(batch_norm=batch_norm)
    check_head(head, head.codec, features, K)


def test_parameters_of_the_paper():
    with torch.device("meta"):
        head = WindowHead(14, HeatmapMSE())
    path = 2 * (25 * 128 * 128 + 128)
    shared = 2 * (128 * 128 + 128)
    own = 14 * (128 + 1)
    assert sum(p.numel() for p in head.parameters()) == 4 * path + shared + own
    assert 4 * path + shared + own == 3_312_654


def test_every_path_sees_the_window_and_the_sum_is_looked_at(features, middles):
    """The maps are those of each window alone, of each keypoint alone, one by one."""
    head = make().eval()
    maps = head(features, {"keypoints": middles})
    assert maps.shape == (2, K, 12, 12)
    weight, bias = head.own.weight.view(K, 6), head.own.bias
    for b in range(2):
        for k in range(K):
            total = torch.zeros(1, 6, 12, 12)
            for feature, stride, path in zip(features, STRIDES, head.paths, strict=True):
                window = crop_windows(feature[b : b + 1], middles[b : b + 1, k : k + 1], 12, stride)
                seen = path(window[:, 0])
                total += seen.repeat_interleave(stride, -1).repeat_interleave(stride, -2)
            shared = head.shared(total)[0]
            alone = (weight[k][:, None, None] * shared).sum(0) + bias[k]
            torch.testing.assert_close(maps[b, k], alone, atol=1e-5, rtol=1e-4)


def test_only_the_last_layer_is_the_keypoints_own(features):
    """At one place all keypoints see the same, and their maps differ by the last layer only."""
    head = make().eval()
    middles = torch.full((2, K, 2), 10.0)
    before = head(features, {"keypoints": middles})
    assert not torch.allclose(before[:, 0], before[:, 1])
    with torch.no_grad():
        head.own.weight[1:] = head.own.weight[:1]
        head.own.bias[1:] = head.own.bias[:1]
    after = head(features, {"keypoints": middles})
    torch.testing.assert_close(after, before[:, :1].expand_as(after))


def test_there_is_one_network_call_however_many_keypoints(features):
    """Convolutions are counted: four paths of two, two shared ones and the keypoints' own."""
    counts = []
    for keypoints in (1, 40):
        head = WindowHead(keypoints, HeatmapMSE(), channels=6, window_px=12).eval()
        with torch.profiler.profile() as profile, torch.no_grad():
            head(features, {"keypoints": torch.rand(2, keypoints, 2)})
        counts.append({e.key: e.count for e in profile.key_averages()})
    for calls in counts:
        assert calls["aten::convolution"] == 4 * 2 + 2 + 1
        assert calls["aten::grid_sampler"] == 4


def test_what_is_encoded_around_a_point_is_found_again(middles):
    head = make(window_px=36, sigma_px=3.0)
    truth = middles + 8 * torch.rand(2, K, 2) - 4
    targets = head.encode(truth, torch.ones(2, K), middles)
    assert targets["heatmaps"].shape == (2, K, 36, 36)
    offsets = head.offsets(targets["heatmaps"])
    torch.testing.assert_close(middles + offsets, truth, atol=0.02, rtol=0)


def test_a_point_beyond_the_window_leaves_an_empty_map_that_counts(middles):
    head = make()
    targets = head.encode(middles + 100, torch.ones(2, K), middles)
    assert targets["heatmaps"].max() < 1e-3
    assert targets["weights"].min() == 1


def test_windows_lie_beside_the_points_in_training_only():
    head = make(jitter_px=3.0)
    points = torch.full((200, K, 2), 50.0, requires_grad=True)
    assert torch.equal(head.eval().around(points), points)
    moved = head.train().around(points)
    assert not moved.requires_grad
    assert (moved - 50).std() == pytest.approx(3.0, rel=0.1)
    assert torch.equal(make().train().around(points), points)


def test_a_window_outside_the_input_is_seen_as_nothing(features):
    head = make().eval()
    far, farther = (
        head(features, {"keypoints": torch.full((2, K, 2), place)}) for place in (-200.0, 900.0)
    )
    assert torch.equal(far, farther)
    assert far.isfinite().all()
    empty = [torch.zeros_like(feature) for feature in features]
    nothing = head(empty, {"keypoints": torch.full((2, K, 2), 10.0)})
    torch.testing.assert_close(far, nothing)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(window_px=18), "give strides that divide the window's side"),
        (dict(strides=(2, 1)), "the smallest first"),
    ],
)
def test_refuses_windows(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


@pytest.mark.parametrize("options", [dict(channels=7), dict(strides=(1, 2, 4, 4))])
def test_refuses_features_of_another_backbone(options, features, middles):
    with pytest.raises(ValueError, match=r"the first features .* make them agree"):
        make(**options)(features, {"keypoints": middles})


def test_too_few_features_are_named(features, middles):
    with pytest.raises(ValueError, match="make them agree"):
        make()(features[:2], {"keypoints": middles})
