import logging
import pickle

import numpy as np
import pytest

from poseforge.datasets import CachedRegions, Combined, Scenes, SyntheticPeople, build_loader
from poseforge.structures import affine
from poseforge.transforms import Crop, Flip, RandomCrop

WILD = RandomCrop((64, 64), scale=(0.7, 1.3), rotate_deg=40, shift=0.1)


def samples(dataset, transforms, seed=0):
    for index in range(len(dataset)):
        sample, rng = dataset[index], np.random.default_rng((seed, index))
        for transform in transforms:
            sample = transform(sample, rng)
        yield sample


@pytest.mark.parametrize("transforms", [[Crop((64, 64))], [WILD], [WILD, Flip("lsp14", 1.0)]])
def test_crops_of_regions_are_those_of_the_pictures(pictures, tmp_path, transforms):
    cached = CachedRegions(pictures, tmp_path / "regions")
    pairs = zip(samples(cached, transforms), samples(pictures, transforms), strict=True)
    for found, expected in pairs:
        difference = np.abs(found["image"].astype(float) - expected["image"])
        assert difference.mean() < 0.05
        assert difference.max() < 8  # OpenCV rounds positions to 1/32 px
        for name in ("keypoints", "box", "center", "matrix"):
            np.testing.assert_allclose(found[name], expected[name], atol=1e-3, err_msg=name)


def test_a_large_region_is_shrunk_and_points_move_along(pictures, tmp_path):
    cached = CachedRegions(pictures, tmp_path / "regions", size=60)
    for index, expected in enumerate(samples(pictures, [Crop((32, 32))])):
        sample = cached[index]
        assert 30 <= max(sample["image"].shape) <= 60
        back = affine.apply(affine.invert(sample["matrix"]), sample["keypoints"])
        np.testing.assert_allclose(back, pictures[index]["keypoints"], atol=1e-3)
        found = Crop((32, 32))(sample, np.random.default_rng())
        np.testing.assert_allclose(found["matrix"], expected["matrix"], atol=1e-6)
        # The reduced region has little more detail than the crop; the pictures are smooth.
        assert np.abs(found["image"].astype(float) - expected["image"]).mean() < 6


def test_the_file_is_made_once_and_its_size_is_announced(pictures, tmp_path, caplog):
    file = tmp_path / "new" / "regions"
    with caplog.at_level(logging.WARNING):
        first = CachedRegions(pictures, file, reach=1)
    (message,) = caplog.messages
    pixels = sum(first[index]["image"].size for index in range(5))
    assert message == f"caching 5 regions of drawn in {file}: {pixels / 1e6:.1f} MB"
    assert 0 < file.stat().st_size - pixels < 1000
    for n in range(5):
        (tmp_path / f"{n}.png").unlink()  # nothing is read again
    again = CachedRegions(pictures, file, reach=1)
    twin = pickle.loads(pickle.dumps(again))
    for index in range(5):
        np.testing.assert_array_equal(again[index]["image"], first[index]["image"])
        np.testing.assert_array_equal(twin[index]["image"], first[index]["image"])
    assert len(caplog.messages) == 1
    assert [path.name for path in file.parent.iterdir()] == ["regions"]


def test_a_cache_of_other_data_or_settings_is_refused(pictures, drawn, tmp_path):
    file = tmp_path / "regions"
    CachedRegions(pictures, file)
    with pytest.raises(ValueError, match=r"regions is of other data or settings than drawn with"):
        CachedRegions(drawn(6), file)
    with pytest.raises(ValueError, match=r"reach=2.0 and size=640; name another file, or delete"):
        CachedRegions(pictures, file, reach=2.0)


@pytest.mark.parametrize("content", [b"", b"P6 400\n", b"[1]\n", b'{"a": 1}\n', b"\xff" * 9000])
def test_what_is_no_cache_is_refused(pictures, tmp_path, content):
    (tmp_path / "regions").write_bytes(content)
    with pytest.raises(ValueError, match="regions is no cache of regions; name another file"):
        CachedRegions(pictures, tmp_path / "regions")


@pytest.mark.parametrize("end", [-1, 150])
def test_a_cut_cache_is_refused(pictures, tmp_path, end):
    file = tmp_path / "regions"
    CachedRegions(pictures, file)
    file.write_bytes(file.read_bytes()[:end])
    with pytest.raises(ValueError, match="is cut short; delete it to have it made anew"):
        CachedRegions(pictures, file)


def test_a_cache_that_fails_leaves_nothing_behind(pictures, tmp_path):
    (tmp_path / "3.png").unlink()
    with pytest.raises(FileNotFoundError, match="no image"):
        CachedRegions(pictures, tmp_path / "c" / "regions")
    assert list((tmp_path / "c").iterdir()) == []


def test_a_cache_that_the_disk_has_no_room_for_is_refused(pictures, tmp_path, monkeypatch):
    class Usage:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    with pytest.raises(OSError, match=r"needs 0.0 GB, but 0.0 GB are free there; make its size"):
        CachedRegions(pictures, tmp_path / "regions")
    assert not (tmp_path / "regions").exists()


def test_scenes_are_cached_whole_and_not_made_of_regions(tmp_path):
    people = SyntheticPeople(num_people=6, people=(1, 3), size=80)
    cached = CachedRegions(Scenes(people), tmp_path / "scenes", size=80)
    crops = [Crop((64, 64), padding=1.0)]
    for found, expected in zip(samples(cached, crops), samples(Scenes(people), crops), strict=True):
        for name in ("image", "keypoints", "visible"):
            np.testing.assert_array_equal(found[name], expected[name])
    parts = Scenes(CachedRegions(people, tmp_path / "people"))
    with pytest.raises(ValueError, match="put CachedRegions around Scenes"):
        parts[0]


def test_workers_share_it(pictures, tmp_path):
    data = Combined([CachedRegions(pictures, tmp_path / "regions")])
    loaders = [build_loader(data, [WILD], batch_size=2, num_workers=n, train=True) for n in (0, 1)]
    for alone, worked in zip(*loaders, strict=True):
        for name, tensor in alone.items():
            np.testing.assert_array_equal(tensor, worked[name])


@pytest.mark.parametrize("settings", [dict(reach=0.5), dict(size=0)])
def test_wrong_settings_are_refused(pictures, tmp_path, settings):
    with pytest.raises(ValueError, match="are not allowed; give a reach of 1 or more"):
        CachedRegions(pictures, tmp_path / "regions", **settings)
