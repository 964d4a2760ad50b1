import dataclasses

import numpy as np
import pytest
import torch

from poseforge.codecs import PartFields
from poseforge.structures import SKELETONS, Skeleton

LSP, COCO = SKELETONS["lsp14"], SKELETONS["coco17"]
STICK = dict(
    name="stick",
    keypoints=("top", "left", "right"),
    pairs=(("left", "right"),),
    links=(("top", "left"), ("top", "right"), ("left", "right")),
)
STICKS = PartFields((48, 32), stride=4, sigma_px=5.0, width_px=6.0, skeleton=STICK)
NECK = ("left_shoulder", "right_shoulder")
NECKED = PartFields(
    (64, 64), 8, 7.0, 8.0, "coco17", links=((NECK, "left_shoulder"), (NECK, "right_shoulder"))
)


def vector_at(cell, start, end, width):
    """Return the paper's field of one person's limb at a cell, or None off the limb."""
    length = np.linalg.norm(end - start)
    v = (end - start) / length
    along, across = v @ (cell - start), np.array([-v[1], v[0]]) @ (cell - start)
    return v if 0 <= along <= length and abs(across) <= width else None


def brute_force(points, visible, codec, links):
    """Loops over people, limbs and cells, as the paper's formulas read."""
    columns, rows = (side // codec.stride for side in codec.input_size)
    maps, fields = np.zeros((3, rows, columns)), np.zeros((len(links), 2, rows, columns))
    people = range(len(points))
    for row, column in np.ndindex(rows, columns):
        cell = np.array([column, row]) * codec.stride + (codec.stride - 1) / 2
        squares = ((points - cell) ** 2).sum(axis=-1)
        values = np.where(visible > 0, np.exp(-squares / (2 * codec.sigma_px**2)), 0)
        maps[:, row, column] = values.max(axis=0)
        for number, (a, b) in enumerate(links):
            whole = [p for p in people if visible[p, a] and visible[p, b]]
            found = [vector_at(cell, points[p, a], points[p, b], codec.width_px) for p in whole]
            found = [v for v in found if v is not None]
            if found:
                fields[number, :, row, column] = np.mean(found, axis=0)
    return maps, fields


def test_encode_equals_brute_force():
    rng = np.random.default_rng(0)
    points, visible = rng.uniform(-8, 52, (2, 4, 3, 2)), rng.integers(0, 3, (2, 4, 3))
    targets = STICKS.encode(torch.from_numpy(points), torch.from_numpy(visible))["fields"].numpy()
    for sample in range(2):
        links = ((0, 1), (0, 2), (1, 2))
        maps, fields = brute_force(points[sample], visible[sample], STICKS, links)
        np.testing.assert_allclose(targets[sample, 4:], fields.reshape(6, 8, 12), atol=1e-5)
        np.testing.assert_allclose(targets[sample, :3], maps, atol=1e-5)
        np.testing.assert_allclose(targets[sample, 3], 1 - maps.max(axis=0), atol=1e-5)
    assert np.abs(targets[:, 4:]).max() == pytest.approx(1, abs=0.3)


def test_people_who_overlap_are_averaged():
    right = torch.tensor([[4.0, 16], [40, 16], [0, 0]])
    left = torch.tensor([[40.0, 16], [4, 16], [0, 0]])
    visible = torch.tensor([2.0, 2, 0]).expand(1, 2, 3)
    alone = STICKS.encode(right[None, None], visible[:, :1])["fields"]
    assert alone[0, 4, 4, 6] == 1
    assert not STICKS.encode(torch.stack([right, left])[None], visible)["fields"][:, 4:].any()
    twice = STICKS.encode(torch.stack([right, right])[None], visible)["fields"]
    assert torch.equal(twice, alone)


def test_a_limb_of_length_zero_or_without_an_end_gives_nothing():
    points = torch.tensor([[[[9.0, 9], [9, 9], [30, 20]]]])
    assert not STICKS.encode(points, torch.ones(1, 1, 3))["fields"][:, 4:6].any()
    visible = torch.tensor([[[0.0, 2, 2]]])
    targets = STICKS.encode(points, visible)["fields"]
    assert not targets[:, 4:8].any()
    assert targets[:, 8:].any()
    assert not targets[:, 0].any()


def test_ignored_boxes_weigh_nothing():
    points, visible = torch.full((1, 1, 3, 2), 10.0), torch.full((1, 1, 3), 0.0)
    boxes = torch.tensor([[[16.0, 8, 31, 23], [torch.nan] * 4]])
    weights = STICKS.encode(points, visible, boxes)["weights"]
    expected = torch.ones(8, 12)
    expected[2:6, 4:8] = 0
    assert torch.equal(weights, expected.expand(1, 10, 8, 12))


@pytest.mark.parametrize("margin", [None, 0.1])
def test_the_smallest_box_around_a_cell_says_whether_it_is_known(margin):
    """A crowd's box often lies over people who are labelled; somebody small may stand in front."""
    codec = dataclasses.replace(STICKS, unlabelled_margin=margin)
    points = torch.tensor([[[[6.0, 2], [26, 2], [26, 30]]]])
    crowd, child = [0.0, 0, 47, 31], [8.0, 16, 19, 23]
    boxes = torch.tensor([[crowd, child, [torch.nan] * 4]])
    targets = codec.encode(points, torch.full((1, 1, 3), 2.0), boxes)
    weights, values = targets["weights"][0], targets["fields"][0]
    known = torch.zeros(8, 12, dtype=torch.bool)
    known[:, 1:7] = True  # the person's box, of cells with centres at 1.5, 5.5, ...
    if margin is None:
        known[0] = known[:, 1] = False  # 1.5 < 2 and 5.5 < 6
    known[4:6, 2:5] = False  # the child
    assert torch.equal(weights[:3] == 1, known | (values[:3] > 0.01))
    assert torch.equal(weights[3] == 1, known | (values[3] < 0.99))
    for first in range(4, len(values), 2):  # a limb's two fields
        on = values[first : first + 2].abs().sum(0) > 0
        assert torch.equal(weights[first : first + 2] == 1, (known | on).expand(2, -1, -1))


def test_around_an_unlabelled_keypoint_only_what_it_concerns_weighs_nothing():
    codec = dataclasses.replace(STICKS, unlabelled_margin=0.0)
    # Somebody in columns 0 to 5 without `right`, and somebody whole, whose `right` is at (14, 14).
    points = torch.tensor([[[[0.0, 0], [23, 31], [0, 0]], [[40, 4], [44, 28], [14, 14]]]])
    visible = torch.tensor([[[2.0, 2, 0], [2, 2, 2]]])
    targets = codec.encode(points, visible)
    weights, values = targets["weights"][0], targets["fields"][0]
    inside = torch.zeros(8, 12, dtype=torch.bool)
    inside[:, :6] = True
    for channel in (4, 5, 0, 1):  # top to left, and both maps, are known
        assert weights[channel].all()
    assert torch.equal(weights[2] == 0, inside & (values[2] <= 0.01))
    assert weights[2, 3, 3] == 1
    assert not weights[6, inside & (values[6:8].abs().sum(0) == 0)].any()
    assert weights[6, ~inside].all()
    assert torch.equal(weights[3], weights[:3].amin(0))
    assert (
        dataclasses.replace(codec, unlabelled_margin=None).encode(points, visible)["weights"].all()
    )


def test_nobody_is_background():
    targets = STICKS.encode(torch.zeros(2, 1, 3, 2), torch.zeros(2, 1, 3))
    assert not targets["fields"][:, [0, 1, 2, *range(4, 10)]].any()
    assert (targets["fields"][:, 3] == 1).all()
    assert targets["weights"].all()
    points, scores = STICKS.decode(targets["fields"])
    assert points.shape == (2, 0, 3, 2)
    assert scores.shape == (2, 0, 3)


def test_a_middle_is_a_part_where_both_are_labelled_and_is_not_decoded():
    assert len(NECKED.parts) == 18
    assert NECKED.limbs == [(17, 5), (17, 6)]
    points = torch.zeros(1, 1, 17, 2)
    points[0, 0, 5], points[0, 0, 6] = torch.tensor([11.5, 19.5]), torch.tensor([43.5, 35.5])
    visible = torch.zeros(1, 1, 17)
    visible[..., 5:7] = 2
    fields = NECKED.encode(points, visible)["fields"]
    assert fields.shape[1] == 17 + NECKED.extra_channels == 4 + 18 + 1
    assert fields[0, 17].argmax() == 3 * 8 + 3  # (27.5, 27.5)
    visible[..., 5] = 0
    assert not NECKED.encode(points, visible)["fields"][0, 17].any()
    assert NECKED.decode(fields)[0].shape == (1, 1, 17, 2)


def scene(skeleton, *, size=368, columns=3, seed=0):
    """Return people side by side, each a few limbs tall, with some keypoints unlabelled."""
    rng = np.random.default_rng(seed)
    count = skeleton.num_keypoints
    side = size / columns
    grid = [(column, row) for row in range(columns) for column in range(columns)]
    # One keypoint in each field of a 5 x 5 board, so that none hide one another.
    points = np.empty((len(grid), count, 2))
    for person, corner in enumerate(grid):
        fields = rng.permutation(25)[:count]
        places = np.stack([fields % 5, fields // 5], axis=1) + rng.uniform(0.25, 0.75, (count, 2))
        points[person] = (np.array(corner) + places / 5) * side
    visible = np.full((len(grid), count), 2.0)
    return torch.from_numpy(points)[None].float(), torch.from_numpy(visible)[None].float()


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("skeleton", [LSP, COCO])
def test_people_are_found_again_whole(skeleton, columns):
    codec = PartFields((736, 736), 8, 7.0, 6.0, skeleton.name)
    points, visible = scene(skeleton, size=736, columns=columns)
    found, scores = codec.decode(codec.encode(points, visible)["fields"])
    assert found.shape == points.shape
    assert (scores > 0.7).all()
    distance = (found[0, :, None] - points[0, None]).norm(dim=-1).amax(dim=-1)  # whom each is
    nearest, owner = distance.min(dim=1)
    assert sorted(owner.tolist()) == list(range(columns**2))
    assert nearest.max() < 1.5


def test_somebody_with_unlabelled_keypoints_among_others_is_found_with_the_labelled_ones():
    codec = PartFields((368, 368), 8, 7.0, 6.0, "lsp14")
    points, visible = scene(LSP, columns=2)
    visible[0, 2, [0, 13]] = 0  # ankle and head top: leaves of the tree
    points[0, 2, [0, 13]] = torch.nan
    found, scores = codec.decode(codec.encode(points, visible)["fields"])
    assert found.shape[1] == 4
    assert sorted((scores[0] > 0).sum(-1).tolist()) == [12, 14, 14, 14]
    assert torch.equal(found.isnan().all(-1), scores == 0)


def test_images_of_a_batch_do_not_mix():
    codec = PartFields((368, 368), 8, 7.0, 6.0, "lsp14")
    points, visible = scene(LSP, columns=2)
    fields = torch.cat([codec.encode(points[:, :n], visible[:, :n])["fields"] for n in (1, 4, 2)])
    found, scores = codec.decode(fields)
    assert (scores > 0).any(-1).sum(-1).tolist() == [1, 4, 2]
    alone, _ = codec.decode(fields[2:])
    torch.testing.assert_close(found[2, :2], alone[0])


@pytest.mark.parametrize("codec", [STICKS, PartFields((96, 64), 8, 7.0, 8.0, "lsp14"), NECKED])
def test_flipped_outputs_of_mirrored_people_are_those_of_the_people(codec):
    skeleton = Skeleton(**STICK) if codec is STICKS else (COCO if codec is NECKED else LSP)
    torch.manual_seed(0)
    points = torch.rand(2, 3, skeleton.num_keypoints, 2) * 50
    visible = torch.randint(0, 3, points.shape[:3]).float()
    order = skeleton.flip_indices.tolist()
    mirrored = points.clone()
    mirrored[..., 0] = codec.input_size[0] - 1 - points[..., 0]
    outputs = codec.encode(points, visible)["fields"]
    flipped = codec.flip(
        codec.encode(mirrored[:, :, order], visible[:, :, order])["fields"], skeleton
    )
    torch.testing.assert_close(flipped, outputs, atol=1e-4, rtol=0)
    staged = torch.stack([outputs, 2 * outputs], dim=1)
    torch.testing.assert_close(
        codec.flip(staged, skeleton)[:, 1], codec.flip(2 * outputs, skeleton)
    )


@pytest.mark.parametrize("scale", [0.8, 1.25, 4 / 3])
def test_unscaled_outputs_decode_to_where_people_were(scale):
    codec = PartFields((736, 480), 8, 14.0, 8.0, "lsp14")
    points, visible = scene(LSP, size=480, columns=2)
    size = codec.enlarged_size(scale)
    assert all(abs(new - old * scale) <= 4 for new, old in zip(size, (736, 480), strict=True))
    middle, new_middle = (torch.tensor(each) / 2 - 0.5 for each in (codec.input_size, size))
    larger = dataclasses.replace(codec, input_size=size)
    outputs = larger.encode(new_middle + (points - middle) * scale, visible)["fields"]
    found, _ = codec.decode(codec.unscale(outputs, scale))
    distance = (found[0, :, None] - points[0, None]).norm(dim=-1).amax(dim=-1)
    assert distance.shape == (4, 4)
    assert distance.min(dim=1).values.max() < 2.5


def test_the_last_stage_is_decoded_and_equal_codecs_are_equal():
    codec = PartFields([368, 368], 8, 7.0, 6.0, "lsp14")
    points, visible = scene(LSP, columns=2)
    fields = codec.encode(points, visible)["fields"]
    staged = torch.stack([torch.zeros_like(fields), fields], dim=1)
    torch.testing.assert_close(codec.decode(staged), codec.decode(fields))
    again = dataclasses.replace(codec, links=[list(link) for link in LSP.links])
    assert again == codec
    assert all(isinstance(value, int | float | str | tuple) for value in vars(codec).values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(skeleton=dict(name="dots", keypoints=("a", "b")), links=()), "'dots' has no links"),
        (dict(links=(("top", "bottom"),)), "a keypoint 'bottom' that skeleton 'stick'"),
        (dict(stride=5), "stride=5 does not divide"),
        (dict(width_px=0), "width_px=0; both must be positive"),
        (dict(num_samples=1), "num_samples=1; it must be 2 or more"),
        (dict(max_people=0), "max_people=0; it must be 1 or more"),
    ],
)
def test_bad_values_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(STICKS, **changes)


def test_a_labelled_point_that_is_not_finite_is_refused_and_one_sided_links_cannot_be_flipped():
    points = torch.zeros(1, 2, 3, 2)
    points[0, 1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"keypoint 2 of sample 0 .* not finite"):
        STICKS.encode(points, torch.ones(1, 2, 3))
    codec = dataclasses.replace(STICKS, links=(("top", "left"),))
    with pytest.raises(ValueError, match=r"mirror image of the link .* is no link"):
        codec.flip(torch.zeros(1, 6, 8, 12), Skeleton(**STICK))
