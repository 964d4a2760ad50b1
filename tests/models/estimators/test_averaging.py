from dataclasses import asdict

import pytest
import torch

from poseforge.codecs import Heatmap, PartFields
from poseforge.models.estimators.averaging import average_outputs, enlarged, mirrored
from poseforge.structures import Skeleton
from poseforge.testing import example_batch

PAIR = Skeleton("pair", ("left", "right"), pairs=(("left", "right"),))


def blob_batch(x, y, size=(64, 48)):
    """A batch whose image is a blob at (x, y)."""
    batch = example_batch(size, 2, batch_size=1)
    columns, rows = torch.arange(size[0]), torch.arange(size[1])[:, None]
    blob = torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 4.0**2))
    return {**batch, "image": blob.expand(1, 3, -1, -1), "center": torch.tensor([[x, y]])}


def peak(image):
    index = int(image[0, 0].argmax())
    return index % image.shape[-1], index // image.shape[-1]


@pytest.mark.parametrize(("scale", "expected"), [(2.0, (48.5, 8.5)), (0.5, (35.75, 19.75))])
def test_image_and_centre_are_enlarged_about_the_middle(scale, expected):
    changed = enlarged(blob_batch(40.0, 16.0), scale, (64, 48))  # the middle is (31.5, 23.5)
    assert changed["center"].tolist() == [list(expected)]
    assert peak(changed["image"]) == pytest.approx(expected, abs=0.51)


def test_image_and_centre_are_mirrored():
    changed = mirrored(blob_batch(40.0, 16.0))
    assert changed["center"].tolist() == [[23, 16]]
    assert peak(changed["image"]) == (23, 16)


def test_what_enters_a_shrunk_input_is_the_mean_colour():
    batch = blob_batch(40.0, 16.0)
    ones = torch.ones_like(batch["image"])
    changed = enlarged({**batch, "image": ones}, 0.5, (64, 48))["image"]
    assert not changed[..., :11, :].any()
    assert (changed[..., 13:35, 17:47] == 1).all()


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("scales", [(1.0,), (0.8,), (1.3,), (0.8, 1.0, 1.3)])
def test_a_network_that_copies_the_image_is_right_at_every_scale(flip, scales):
    codec = Heatmap((64, 48), stride=1, sigma_px=4.0)

    def network(batch):  # sees a left thing in channel 0, whatever it looks like
        return torch.cat([batch["image"][:, :1], torch.zeros_like(batch["image"][:, :1])], dim=1)

    batch = blob_batch(40.0, 16.0)
    outputs = average_outputs(network, batch, codec, PAIR, flip=flip, scales=scales)
    keypoints, scores = codec.decode(outputs)
    torch.testing.assert_close(keypoints[0, 0], torch.tensor([40.0, 16.0]), atol=0.1, rtol=0)
    # Mirrored, the same thing is called right: the average says half of each.
    assert scores[0].tolist() == pytest.approx([0.5, 0.5] if flip else [1, 0], abs=0.05)


@pytest.mark.parametrize("x", [4.0, 32.0, 59.0])
@pytest.mark.parametrize("scales", [(0.8,), (1.3,), (1.0, 1.3, 2.0)])
def test_whole_images_grow_so_that_nobody_leaves_them(x, scales):
    pair = Skeleton("pair", ("left", "right"), (("left", "right"),), (("left", "right"),))
    codec = PartFields((64, 48), 1, 4.0, 4.0, asdict(pair), min_parts=1)
    seen = []

    def network(batch):
        image = batch["image"][:, :1]
        seen.append(image.shape[-2:])
        return torch.cat([image, torch.zeros_like(image).expand(-1, 4, -1, -1)], dim=1)

    batch = blob_batch(x, 20.0)
    outputs = average_outputs(network, batch, codec, pair, flip=False, scales=scales)
    assert seen == [(round(48 * scale), round(64 * scale)) for scale in scales]
    points, scores = codec.decode(outputs)
    torch.testing.assert_close(points[0, 0, 0], torch.tensor([x, 20.0]), atol=0.15, rtol=0)
    assert scores[0, 0].tolist() == pytest.approx([1, 0], abs=0.05)
