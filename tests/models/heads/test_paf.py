"""OpenPose's sizes, computed by hand from the layers; its losses; and what each stage sees."""

import pytest
import torch

from poseforge.codecs import PartFields
from poseforge.models.heads import DensePAFHead, PAFHead
from poseforge.models.losses import HeatmapMSE
from poseforge.structures import SKELETONS
from poseforge.testing import example_batch
from poseforge.testing.models import check_losses

COCO = dict(num_keypoints=17, num_links=19, num_middles=1)
NARROW = {
    "2017": lambda: PAFHead(14, 14, HeatmapMSE(), num_stages=3, in_channels=8, width=4),
    "2019": lambda: DensePAFHead(
        14, 14, HeatmapMSE(), num_stages=(3, 2), in_channels=8, widths=((4, 6), (5, 8))
    ),
}
CODEC = PartFields((64, 48), 8, 7.0, 8.0, "lsp14")


def conv(channels, outputs, kernel):
    return (channels * kernel**2 + 1) * outputs


def dense(channels, outputs, width, condensed):
    """Parameters of one stage of 2019: a PReLU has one for each channel."""
    blocks = [channels, *[3 * width] * 4]
    return (
        sum(conv(c, width, 3) + 2 * conv(width, width, 3) + 3 * width for c in blocks)
        + conv(3 * width, condensed, 1)
        + condensed
        + conv(condensed, outputs, 1)
    )


def parameters(head):
    return sum(p.numel() for p in head.parameters())


def test_size_of_2017():
    with torch.device("meta"):
        head = PAFHead(**COCO, loss=HeatmapMSE())
        outputs = head([torch.empty(1, 128, 46, 46)], {})
    assert outputs.shape == (1, 6, 38 + 19, 46, 46)
    first = 2 * (3 * conv(128, 128, 3) + conv(128, 512, 1)) + conv(512, 38 + 19, 1)
    seen = 128 + 38 + 19
    later = 2 * (conv(seen, 128, 7) + 4 * conv(128, 128, 7) + conv(128, 128, 1))
    later += conv(128, 38 + 19, 1)
    assert (first, later) == (1_046_841, 8_784_825)
    assert parameters(head) == first + 5 * later == 44_970_966


def test_size_of_2019():
    with torch.device("meta"):
        head = DensePAFHead(**COCO, loss=HeatmapMSE())
        outputs = head([torch.empty(1, 128, 46, 46)], {})
    assert outputs.shape == (1, 6, 38 + 19, 46, 46)
    fields = dense(128, 38, 96, 256) + 3 * dense(128 + 38, 38, 128, 512)
    maps = dense(128 + 38, 19, 96, 256) + dense(128 + 38 + 19, 19, 128, 512)
    assert parameters(head) == fields + maps == 18_709_502


@pytest.mark.parametrize("learn_slopes", [True, False])
def test_slopes_are_learnt_or_kept(learn_slopes):
    head = DensePAFHead(14, 14, HeatmapMSE(), in_channels=8, learn_slopes=learn_slopes)
    slopes = [part.weight for part in head.modules() if isinstance(part, torch.nn.PReLU)]
    assert len(slopes) == 6 * (5 * 3 + 1)  # of stages of five blocks and a 1 x 1 convolution
    assert all(slope.requires_grad == learn_slopes and (slope == 0.25).all() for slope in slopes)
    others = sum(p.numel() for p in head.parameters() if p.requires_grad)
    assert parameters(head) - others == (0 if learn_slopes else sum(map(len, slopes)))


@pytest.mark.parametrize("form", NARROW)
def test_outputs_can_be_decoded_and_every_parameter_learns(form):
    torch.manual_seed(0)
    head = NARROW[form]()
    batch = example_batch(CODEC.input_size, 14)
    outputs = head([torch.rand(2, 8, 6, 8)], batch)
    assert outputs.shape == (2, 5 if form == "2019" else 3, 2 * 14 + 15, 6, 8)
    points, scores = CODEC.decode(outputs.detach())
    assert points.shape == (2, scores.shape[1], 14, 2)
    targets = CODEC.encode(batch["keypoints"][:, None], batch["visible"][:, None])
    check_losses(head.loss(outputs, targets), head)


def test_perfect_outputs_cost_nothing_and_each_stage_pays_for_what_it_predicts():
    batch = example_batch(CODEC.input_size, 14)
    targets = CODEC.encode(batch["keypoints"][:, None], batch["visible"][:, None])
    perfect = targets["fields"][:, None].repeat(1, 5, 1, 1, 1)
    early = perfect.clone()
    early[:, :3, :15] = 0  # the maps of 2019's stages for fields
    assert not any(NARROW["2019"]().loss(early, targets).values())
    assert sorted(NARROW["2019"]().loss(early, targets)) == [
        "loss_fields1", "loss_fields2", "loss_fields3", "loss_maps4", "loss_maps5",
    ]  # fmt: skip
    losses = NARROW["2017"]().loss(early, targets)
    assert [name for name, loss in losses.items() if loss] == [
        "loss_maps1",
        "loss_maps2",
        "loss_maps3",
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: PAFHead(14, 14, HeatmapMSE(), num_stages=2, in_channels=8, width=4, **kw),
        lambda **kw: DensePAFHead(14, 14, HeatmapMSE(), in_channels=8, **kw),
    ],
)
def test_losses_of_fields_weigh_what_is_asked(make):
    batch = example_batch(CODEC.input_size, 14)
    targets = CODEC.encode(batch["keypoints"][:, None], batch["visible"][:, None])
    outputs = torch.rand_like(targets["fields"])[:, None].repeat(1, 6, 1, 1, 1)
    even, light = make().loss(outputs, targets), make(fields_weight=0.25).loss(outputs, targets)
    assert even.keys() == light.keys()
    for name, loss in light.items():
        expected = even[name] * (0.25 if "fields" in name else 1)
        torch.testing.assert_close(loss, expected)


def test_the_maps_of_2019_carry_the_last_fields():
    head = NARROW["2019"]()
    outputs = head([torch.rand(1, 8, 6, 8)], {})
    assert torch.equal(outputs[:, 3, 15:], outputs[:, 2, 15:])
    assert torch.equal(outputs[:, 4, 15:], outputs[:, 2, 15:])
    assert not outputs[:, :3, :15].any()
    assert not torch.equal(outputs[:, 3], outputs[:, 4])


@pytest.mark.parametrize("form", NARROW)
def test_a_new_head_begins_with_nobody(form):
    torch.manual_seed(0)
    last = NARROW[form]()([torch.rand(1, 8, 6, 8)], {})[0, -1]
    assert last[14].mean().item() == pytest.approx(1, abs=0.1)
    assert last[:14].abs().max() < 0.1
    assert last[15:].abs().max() < 0.1


def test_links_of_the_skeletons_fit():
    for name in ("lsp14", "coco17"):
        codec = PartFields((64, 64), 8, 7.0, 8.0, name)
        head = PAFHead(
            SKELETONS[name].num_keypoints, len(codec.links), HeatmapMSE(), in_channels=2, width=2
        )
        outputs = head([torch.rand(1, 2, 8, 8)], {})
        assert outputs.shape[2] == SKELETONS[name].num_keypoints + codec.extra_channels


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PAFHead(14, 14, HeatmapMSE(), num_stages=0), "num_stages=0"),
        (lambda: DensePAFHead(14, 14, HeatmapMSE(), num_stages=(4, 0)), "a stage each"),
        (lambda: PAFHead(14, 14, HeatmapMSE(), fields_weight=0), "fields_weight=0; it must be"),
    ],
)
def test_bad_values_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
