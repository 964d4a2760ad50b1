import math

import numpy as np
import pytest
import torch

from poseforge.codecs import Heatmap
from poseforge.structures import SKELETONS
from poseforge.testing import check_codec, check_round_trip, check_unscale

LSP = SKELETONS["lsp14"]
CPM = dict(input_size=(368, 368), stride=8, sigma_px=7.0, truncate=4.6052, extra="background")


def brute_force(points, size, stride, sigma_px, offset):
    """Two loops over cells, as the formula reads."""
    width, height = size[0] // stride, size[1] // stride
    maps = np.zeros((*points.shape[:2], height, width))
    for row in range(height):
        for column in range(width):
            cell = np.array([column, row]) * stride + offset
            maps[..., row, column] = np.exp(-((points - cell) ** 2).sum(-1) / (2 * sigma_px**2))
    return maps


@pytest.mark.parametrize(("half_stride", "offset"), [(True, 1.5), (False, 0.0)])
def test_encode_equals_brute_force(half_stride, offset):
    codec = Heatmap((48, 32), stride=4, sigma_px=5.0, half_stride=half_stride)
    rng = np.random.default_rng(0)
    points = rng.uniform(-10, 58, (3, 5, 2))  # outside the input too: what reaches in is drawn
    targets = codec.encode(torch.from_numpy(points), torch.ones(3, 5))
    expected = brute_force(points, (48, 32), 4, 5.0, offset)
    np.testing.assert_allclose(targets["heatmaps"].numpy(), expected, atol=1e-5)
    assert torch.equal(targets["weights"], torch.ones(3, 5))


def test_truncation_is_at_one_percent():
    points = torch.tensor([[[100.3, 200.9]]])
    whole = Heatmap((368, 368), 8, 7.0).encode(points, torch.ones(1, 1))["heatmaps"]
    cut = Heatmap((368, 368), 8, 7.0, truncate=4.6052).encode(points, torch.ones(1, 1))["heatmaps"]
    assert torch.equal(cut, torch.where(whole >= math.exp(-4.6052), whole, 0.0))
    assert cut[cut > 0].min() >= 0.00999
    assert 0.001 < whole[cut == 0].max() < 0.01


def test_background_is_one_minus_maximum_and_sum_is_sum():
    torch.manual_seed(0)
    points, visible = torch.rand(2, 3, 2) * 64, torch.tensor([[0.0, 1, 2], [2, 2, 0]])
    plain = Heatmap((64, 64), 4, 8.0).encode(points, visible)["heatmaps"]
    for extra, last in [
        ("background", 1 - plain.amax(1)),
        ("sum", plain.sum(1)),
    ]:
        targets = Heatmap((64, 64), 4, 8.0, extra=extra).encode(points, visible)
        assert torch.equal(targets["heatmaps"][:, :3], plain)
        assert torch.equal(targets["heatmaps"][:, 3], last)
        assert torch.equal(targets["weights"], torch.tensor([[0.0, 1, 1, 1], [1, 1, 0, 1]]))
    assert not plain[0, 0].any()
    assert not plain[1, 2].any()


def test_not_labelled_may_be_nan_but_labelled_may_not():
    points = torch.tensor([[[math.nan, 3.0], [5.0, 6.0]]])
    codec = Heatmap((16, 16), 4, 4.0, extra="sum")
    assert codec.encode(points, torch.tensor([[0.0, 2]]))["heatmaps"].isfinite().all()
    with pytest.raises(ValueError, match=r"keypoint 0 of sample 0 .* not finite"):
        codec.encode(points, torch.tensor([[1.0, 2]]))


@pytest.mark.parametrize(
    ("codec", "tolerance_px"),
    [
        (Heatmap(**CPM), 0.05),
        (Heatmap((192, 256), 4, 8.0), 0.05),
        (Heatmap((256, 256), 8, 12.0, extra="sum"), 0.05),
        (Heatmap((192, 256), 4, 8.0, refine="argmax"), 2.0),
        (Heatmap((192, 256), 4, 8.0, refine="quarter"), 1.0),
    ],
)
def test_contract(codec, tolerance_px):
    check_codec(codec, LSP, tolerance_px=tolerance_px)


def test_cells_without_half_stride():
    codec = Heatmap((256, 256), 8, 12.0, extra="sum", half_stride=False)
    check_round_trip(codec, 14, tolerance_px=0.05)
    check_unscale(codec, 14, tolerance_px=0.05)
    # Mirrored cells fall between the cells, so the maps change, but the points do not move.
    torch.manual_seed(0)
    points, visible = torch.rand(4, 14, 2) * 128 + 64, torch.ones(4, 14)
    mirror = torch.stack([255 - points[..., 0], points[..., 1]], dim=-1)[:, LSP.flip_indices]
    outputs = codec.flip(codec.encode(mirror, visible)["heatmaps"], LSP)
    torch.testing.assert_close(codec.decode(outputs)[0], points, atol=0.3, rtol=0)
    twice = codec.flip(codec.flip(outputs, LSP), LSP)
    torch.testing.assert_close(codec.decode(twice)[0], points, atol=0.3, rtol=0)


def test_flip_leaves_the_extra_channel_in_place():
    codec = Heatmap((32, 32), 8, 8.0, extra="background")
    outputs = torch.arange(15.0)[None, :, None, None].expand(1, 15, 4, 4)
    flipped = codec.flip(outputs, LSP)[0, :, 0, 0].tolist()
    assert flipped == [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13, 14]


def test_unscale_puts_a_blob_back():
    # The blob at (64, 32) of an input enlarged twofold about (63.5, 63.5) was at (63.75, 47.75).
    codec = Heatmap((128, 128), 8, 12.0)
    outputs = codec.encode(torch.tensor([[[64.0, 32.0]]]), torch.ones(1, 1))["heatmaps"]
    keypoints, _ = codec.decode(codec.unscale(outputs, 2.0))
    torch.testing.assert_close(keypoints, torch.tensor([[[63.75, 47.75]]]), atol=0.3, rtol=0)


def test_unscale_is_zero_where_the_enlarged_input_did_not_reach():
    outputs = Heatmap((64, 64), 8, 8.0).unscale(torch.ones(1, 2, 3, 8, 8), 2.0)
    assert outputs.shape == (1, 2, 3, 8, 8)
    inside = torch.zeros(8, 8)
    inside[2:6, 2:6] = 1
    torch.testing.assert_close(outputs, inside.expand_as(outputs))
    shrunk = Heatmap((64, 64), 8, 8.0).unscale(torch.ones(1, 3, 8, 8), 0.5)
    torch.testing.assert_close(shrunk, torch.ones(1, 3, 8, 8))


def test_half_precision_outputs_are_decoded_in_single():
    codec = Heatmap((192, 256), 4, 8.0)
    points = torch.tensor([[[100.2, 80.7]]])
    outputs = codec.encode(points, torch.ones(1, 1))["heatmaps"].bfloat16()
    keypoints, scores = codec.decode(outputs)
    assert keypoints.dtype == scores.dtype == torch.float32
    torch.testing.assert_close(keypoints, points, atol=0.1, rtol=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(stride=7), "stride=7 does not divide"),
        (dict(stride=0), "stride=0 does not divide"),
        (dict(sigma_px=0.0), "sigma_px=0.0"),
        (dict(truncate=-1.0), "truncate=-1.0"),
        (dict(extra="all"), "choose one of background, sum"),
        (dict(refine="taylor"), "choose one of argmax, quarter, dark"),
        (dict(input_size=(368,)), "give \\(width, height\\)"),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        Heatmap(**{**CPM, **changes})


def test_a_list_makes_the_same_codec_as_a_tuple():
    assert Heatmap([64, 64], 4, 8.0) == Heatmap((64, 64), 4, 8.0)
