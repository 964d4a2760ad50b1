import dataclasses

import pytest
import torch

from poseforge.codecs import PartFields
from poseforge.models import build_estimator
from poseforge.models.backbones import VGGFront
from poseforge.models.estimators import BottomUp
from poseforge.models.heads import DensePAFHead, PAFHead
from poseforge.models.heads.fields import FieldsHead
from poseforge.models.losses import HeatmapMSE
from poseforge.testing.models import check_losses
from tests.codecs.test_fields import LSP, scene

CODEC = PartFields((184, 184), 4, 4.0, 4.0, "lsp14")
CONFIG = dict(
    type="BottomUp",
    codec=dict(
        type="PartFields",
        input_size=(64, 48),
        stride=8,
        sigma_px=7.0,
        width_px=8.0,
        skeleton="lsp14",
    ),
    backbone=dict(type="VGGFront", width=2),
    head=dict(
        type="PAFHead",
        num_keypoints=14,
        num_links=14,
        num_stages=2,
        in_channels=4,
        width=4,
        loss=dict(type="HeatmapMSE"),
    ),
)


class Knowing(FieldsHead):
    """Gives the targets of the people whom the image's first pixel says, mirrored or not."""

    def __init__(self, codec, points, visible):
        super().__init__(14, 14, HeatmapMSE(), num_middles=0, stages=1)
        self.codec, self.points, self.visible = codec, points, visible

    def forward(self, features, batch):
        mirrored = self.points.clone()
        mirrored[..., 0] = self.codec.input_size[0] - 1 - mirrored[..., 0]
        order = LSP.flip_indices.tolist()
        visible = self.visible[:, : self.points.shape[1]]
        plain = self.codec.encode(self.points, visible)["fields"]
        turned = self.codec.encode(mirrored[:, :, order], visible[:, :, order])["fields"]
        is_plain = features[0][:, :1, :1, :1] > features[0][:, :1, :1, -1:]
        return torch.where(is_plain, plain, turned)[:, None]

    def predicts(self, name, index):
        return True


class SecondThoughts(Knowing):
    """Finds two of the people at first, and everybody in its second stage."""

    def __init__(self, codec, points, visible):
        super().__init__(codec, points, visible)
        self.stages = 2

    def forward(self, features, batch):
        everyone = super().forward(features, batch)
        self.points, points = self.points[:, :2], self.points
        two = super().forward(features, batch)
        self.points = points
        return torch.cat([two, everyone], dim=1)


class Pixels(torch.nn.Module):
    def forward(self, images):
        return [images]


def batch_of(points, visible):
    image = torch.zeros(len(points), 3, 184, 184, dtype=torch.uint8)
    image[..., 0] = 255  # the left edge is bright, so that a mirrored picture shows
    return dict(
        image=image,
        keypoints=points,
        visible=visible,
        ignored=torch.full((len(points), 1, 4), torch.nan),
        matrix=torch.tensor([[[2.0, 0, 10], [0, 2, -4]]]),
        center=torch.zeros(len(points), 2),
        index=torch.arange(len(points)),
    )


@pytest.mark.parametrize("flip", [False, True])
def test_people_are_predicted_in_pixels_of_the_image(flip):
    points, visible = scene(LSP, size=184, columns=2)
    estimator = BottomUp(Pixels(), Knowing(CODEC, points, visible), CODEC, flip_test=flip).eval()
    batch = batch_of(points, visible)
    found = estimator(batch, "predict")
    assert found["keypoints"].shape == (1, 4, 14, 2)
    assert found["scores"].shape == (1, 4, 14)
    expected = (points - torch.tensor([10.0, -4])) / 2
    distance = (found["keypoints"][0, :, None] - expected[0, None]).norm(dim=-1).amax(dim=-1)
    assert distance.min(dim=1).values.max() < 0.5
    assert sorted(distance.argmin(dim=1).tolist()) == [0, 1, 2, 3]


def test_an_earlier_stage_can_predict():
    points, visible = scene(LSP, size=184, columns=2)
    head = SecondThoughts(CODEC, points, visible)
    estimator = BottomUp(Pixels(), head, CODEC, flip_test=True).eval()
    assert estimator.stages == 2
    for stage, people in ((1, 2), (2, 4), (None, 4)):
        estimator.last_stage = stage
        found = estimator(batch_of(points, visible), "predict")
        assert found["keypoints"].shape == (1, people, 14, 2)


def test_stages_for_fields_alone_are_no_predictions():
    head = DensePAFHead(14, 14, HeatmapMSE(), in_channels=4, widths=((4, 4), (4, 4)))
    assert head.stages == 6
    assert BottomUp(VGGFront(width=2), head, CODEC).stages == 1


def test_nobody_is_an_empty_list():
    points, visible = torch.zeros(1, 1, 14, 2), torch.zeros(1, 1, 14)
    estimator = BottomUp(Pixels(), Knowing(CODEC, points, visible), CODEC, flip_test=True).eval()
    found = estimator(batch_of(points, visible), "predict")
    assert found["keypoints"].shape == (1, 0, 14, 2)
    assert found["scores"].shape == (1, 0, 14)


def test_a_config_builds_it_and_every_parameter_learns_from_scenes():
    torch.manual_seed(0)
    estimator = build_estimator(CONFIG).train()
    assert estimator.skeleton == LSP
    points, visible = torch.rand(2, 3, 14, 2) * 48, torch.ones(2, 3, 14)
    batch = dict(
        image=torch.randint(0, 256, (2, 3, 48, 64), dtype=torch.uint8),
        keypoints=points,
        visible=visible,
        ignored=torch.tensor([[[0.0, 0, 20, 20]], [[torch.nan] * 4]]),
        matrix=torch.eye(2, 3).expand(2, 2, 3),
        center=torch.zeros(2, 2),
        index=torch.arange(2),
    )
    losses = estimator(batch, "loss")
    assert sorted(losses) == ["loss_fields1", "loss_fields2", "loss_maps1", "loss_maps2"]
    check_losses(losses, estimator)
    assert estimator(batch, "tensor").shape == (2, 2, 43, 6, 8)
    everywhere = {**batch, "ignored": torch.tensor([[[-1.0, -1, 99, 99]]] * 2)}
    assert all(loss > 0 for loss in estimator(everywhere, "loss").values())
    nobody = {**everywhere, "visible": torch.zeros(2, 3, 14)}
    assert not any(estimator(nobody, "loss").values())
    del batch["ignored"]
    assert all(loss > 0 for loss in estimator(batch, "loss").values())
    with pytest.raises(ValueError, match="choose one of loss, predict, tensor"):
        estimator(batch, "train")


def test_images_to_learn_from_may_have_other_sizes_than_the_codecs():
    torch.manual_seed(0)
    estimator = build_estimator(CONFIG)
    small = build_estimator({**CONFIG, "codec": {**CONFIG["codec"], "input_size": (40, 32)}})
    small.load_state_dict(estimator.state_dict())
    batch = dict(
        image=torch.randint(0, 256, (2, 3, 32, 40), dtype=torch.uint8),
        keypoints=torch.rand(2, 3, 14, 2) * 32,
        visible=torch.ones(2, 3, 14),
    )
    losses, expected = estimator(batch, "loss"), small(batch, "loss")
    assert losses == expected
    assert losses["loss_maps2"] > 0


def test_a_head_for_other_limbs_is_refused():
    codec = dataclasses.replace(CODEC, links=LSP.links[:3])
    head = PAFHead(14, 14, HeatmapMSE(), width=2)
    with pytest.raises(ValueError, match="num_keypoints=14, num_links=3 and num_middles=0"):
        BottomUp(VGGFront(width=2), head, codec)
