import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from poseforge.datasets import LSP, SampleStream, collate
from poseforge.models.augmentation import make_pictures
from poseforge.transforms import (
    ColorJitter,
    Crop,
    CutOut,
    Flip,
    Pack,
    RandomCrop,
    Read,
    defer,
)
from tests.transforms.conftest import make_sample

FLIP = Flip("lsp14", 1.0)
CROP = RandomCrop((96, 80))
ALL = [Read(), CROP, Flip("lsp14"), ColorJitter(0.4, 0.4, 0.4, 30.0), CutOut(0.8, 3)]


def run(transforms, seed, sample):
    rng = np.random.default_rng(seed)
    for transform in transforms:
        sample = transform(sample, rng)
    return sample


def batch_of(transforms, seeds, sample):
    packed = [Pack()(run(defer(transforms), seed, sample)) for seed in seeds]
    return default_collate(packed)


def on_device(transforms, seed, sample):
    return make_pictures(batch_of(transforms, [seed], sample))["image"][0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("mirror", [[], [FLIP]])
def test_pixels_are_opencvs(seed, mirror):
    """Scaled, turned, shifted and mirrored; inside and across the image's border alike."""
    transforms = [Read(), RandomCrop((96, 80), shift=0.5, fill=31), *mirror]
    expected = run(transforms, seed, make_sample())["image"].astype(int)
    found = on_device(transforms, seed, make_sample())
    assert found.shape == (80, 96, 3)
    assert found.dtype == np.uint8
    assert np.abs(found - expected).mean() < 0.05
    assert np.abs(found - expected).max() <= 2  # OpenCV may round places to a 32nd of a pixel


@pytest.mark.parametrize("size", [(96, 80), (40, 48), (24, 24)])  # the last: warped by the worker
@pytest.mark.parametrize("fill", ["noise", "mean"])
def test_with_colours_and_covers_they_differ_by_rounding_alone(size, fill):
    transforms = [Read(), RandomCrop(size), FLIP, ColorJitter(), CutOut(0.8, 3, fill=fill)]
    for seed in range(6):
        expected = run(transforms, seed, make_sample())["image"].astype(int)
        found = on_device(transforms, seed, make_sample())
        assert np.abs(found - expected).mean() < 0.5
        assert np.abs(found - expected).max() <= 3


def test_pictures_of_real_people_are_the_same(data_root):
    people = LSP("val", data_root=data_root)
    for transforms in ([Read(), RandomCrop((128, 128))], [Read(), RandomCrop((64, 64)), FLIP]):
        usual, deferred = SampleStream(people, transforms), SampleStream(people, defer(transforms))
        where = [(0, index) for index in range(12)]
        expected = collate([usual[at] for at in where])["image"]
        found = make_pictures(collate([deferred[at] for at in where]))["image"]
        difference = (found.float() - expected.float()).abs().mean(dim=(1, 2, 3))
        assert difference.max() < 0.05  # of 255


@pytest.mark.parametrize("seed", range(10))
def test_a_bright_spot_stays_on_its_keypoint(seed):
    """A Gaussian around one keypoint: its centre of mass is where the keypoint has moved to."""
    sample = make_sample()
    y, x = np.mgrid[:110, :150]
    spot = sample["keypoints"][0]
    image = 250 * np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (2 * 2.5**2))
    sample["image"] = np.repeat(np.rint(image).astype(np.uint8)[..., None], 3, axis=2)
    packed = run([Read(), RandomCrop((96, 80), padding=2.0, fill=0), FLIP], seed, sample)
    left = 5  # a mirror makes LSP's right ankle its left one
    picture = on_device([Read(), RandomCrop((96, 80), padding=2.0, fill=0), FLIP], seed, sample)
    mass = picture[..., 0].astype(float)
    y, x = np.mgrid[:80, :96]
    middle = np.array([(x * mass).sum(), (y * mass).sum()]) / mass.sum()
    np.testing.assert_allclose(packed["keypoints"][left], middle, atol=0.05)


def test_a_batch_is_its_samples_alone():
    batch = make_pictures(batch_of(ALL, range(5), make_sample()))
    alone = [on_device(ALL, seed, make_sample()) for seed in range(5)]
    np.testing.assert_array_equal(batch["image"].permute(0, 2, 3, 1), np.stack(alone))
    assert set(batch) == {"image", "keypoints", "visible", "matrix", "center"}


def test_a_batch_whose_pictures_are_made_is_passed_on():
    batch = default_collate([Pack()(run([Read(), Crop((9, 9))], 0, make_sample()))])
    assert make_pictures(batch) is batch


@pytest.mark.parametrize("fill", ["noise", "mean"])
def test_it_compiles_to_one_graph_and_draws_nothing(fill):
    """In one graph nothing can ask for a value: the host need not wait for the device."""
    batch = batch_of([*ALL[:-1], CutOut(fill=fill)], range(3), make_sample())
    before = torch.random.get_rng_state()
    compiled = torch.compile(make_pictures, fullgraph=True, backend="eager")
    made = compiled(batch)["image"]
    assert torch.equal(made, make_pictures(batch)["image"])
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.gpu
def test_on_a_gpu_pictures_are_the_same_and_the_host_does_not_wait():
    batch = batch_of(ALL, range(3), make_sample())
    moved = {name: value.cuda() for name, value in batch.items()}
    torch.cuda.set_sync_debug_mode("error")
    try:
        found = make_pictures(moved)["image"]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert not found.requires_grad
    difference = found.cpu().float() - make_pictures(batch)["image"].float()
    assert difference.abs().max() <= 1


def test_mixed_precision_does_not_round_pictures():
    batch = batch_of(ALL, range(3), make_sample())
    expected = make_pictures(batch)["image"]
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(make_pictures(batch)["image"], expected)
