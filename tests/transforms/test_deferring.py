import numpy as np
import pytest

from poseforge.transforms import (
    Blur,
    ColorJitter,
    Crop,
    CutOut,
    Flip,
    HalfBody,
    Pack,
    RandomCrop,
    Read,
    Stretch,
    defer,
)
from tests.transforms.conftest import make_sample

FLIP, HALF = Flip("lsp14"), HalfBody("lsp14")
ALL = [HALF, Read(), RandomCrop((96, 80), shift=0.2), FLIP, ColorJitter(), CutOut()]


def run(transforms, seed, sample=None):
    rng = np.random.default_rng(seed)
    sample = make_sample() if sample is None else sample
    for transform in transforms:
        sample = transform(sample, rng)
    return sample


def scene():
    """Two people, and a box in which who is there is not known."""
    sample = make_sample()
    for name in ("keypoints", "visible"):
        sample[name] = np.stack([sample[name], sample[name][::-1]])
    return {**sample, "ignored": np.float32([[10, 20, 50, 60]])}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["person", "scene"])
def test_points_and_maps_are_those_of_the_cpu_path(seed, kind):
    transforms = ALL if kind == "person" else ALL[1:]
    given = make_sample() if kind == "person" else scene()
    expected, found = run(transforms, seed, given), run(defer(transforms), seed, given)
    names = {"keypoints", "visible", "box", "matrix", "center"} | (set(given) & {"ignored"})
    for name in names:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-6, err_msg=name)
    assert found["image"] is given["image"]
    assert found["deferred"].size == (96, 80)


def test_scale_angle_and_mirror_of_what_the_device_gets_are_as_asked_for():
    """Read from the lattice by which the device looks pixels up, 400 times."""
    given = make_sample()
    crop = RandomCrop((192, 160), scale=(0.8, 1.25), rotate_deg=30)
    plain = run([Read(), Crop((192, 160))], 0, given)["matrix"][0, 0]
    scales, angles, mirrors = [], [], []
    for seed in range(400):
        packed = Pack()(run(defer([Read(), crop, FLIP]), (1, seed), given))
        right, down = (packed[name][1] - packed[name][0] for name in ("columns", "rows"))
        mirrors.append(right[0] * down[1] - right[1] * down[0] < 0)
        scales.append(1 / np.hypot(*down) / plain)
        angles.append(np.degrees(np.arctan2(*down)))
    for values, (low, high) in ((scales, (0.8, 1.25)), (angles, (-30, 30))):
        places = (np.sort(values) - low) / (high - low)  # of a uniform one: evenly in 0 ... 1
        assert np.abs(places - (np.arange(400) + 0.5) / 400).max() < 0.082  # Kolmogorov, 1 %
    assert 0.43 < np.mean(mirrors) < 0.57


def test_every_sample_has_the_same_arrays_covered_or_not():
    for cut_out in (CutOut(0.5, 3), CutOut(0.5, 3, fill="mean")):
        deferred = defer([Read(), Crop((96, 80)), ColorJitter(), cut_out])
        packed = [Pack()(run(deferred, seed)) for seed in range(12)]
        assert len({tuple((n, a.shape, a.dtype) for n, a in p.items()) for p in packed}) == 1
        assert {bool(p["holes"].any()) for p in packed} == {False, True}
        assert ("noise" in packed[0]) == (cut_out.fill == "noise")


def test_what_comes_before_the_crop_is_made_by_the_worker():
    blur, flip = Blur(1.0), Flip("lsp14", 1.0)
    found = run(defer([Read(), blur, flip, Crop((96, 80))]), 4)
    expected = run([Read(), blur, flip], 4)
    np.testing.assert_array_equal(found["image"], expected["image"])


class Own(RandomCrop):
    """A plugin's crop, which may do anything to pixels."""


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        ([Read(), Crop((9, 9)), Blur()], "Blur cannot be made on the device after Crop"),
        ([Read(), Crop((9, 9)), ColorJitter(), FLIP], "Flip cannot .* after ColorJitter"),
        ([Read(), Crop((9, 9)), CutOut(), CutOut()], "CutOut cannot .* after CutOut"),
        ([Read(), Crop((9, 9)), Own((9, 9))], "Own cannot .*put it before the crop, or set aug"),
        ([Read(), Own((9, 9)), FLIP], "no crop to make on the device; add Crop or RandomCrop"),
        ([Read(), Stretch((9, 9))], "no crop to make on the device"),
        ([Read()], "no crop to make on the device"),
    ],
)
def test_what_cannot_be_deferred_is_a_sentence(transforms, message):
    with pytest.raises(ValueError, match=message):
        defer(transforms)
