import json

import cv2
import numpy as np
import pytest

from poseforge.datasets import Combined, PackedCrops, Scenes, SyntheticPeople
from poseforge.datasets.packing import PackSettings, pack, parts_of
from poseforge.formats.truth import read_truth
from poseforge.structures import affine

LIKE_NEW = PackSettings(reach=3.0, size=5000, quality=95)
ONE_EACH = PackSettings(shard_mb=0.001)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stopping_at(dataset, row, error=KeyboardInterrupt):
    """Let a data set fail at a row; returns the rows that were read."""
    read = []

    class Failing(type(dataset)):
        def __getitem__(self, index):
            read.append(index)
            if index == row:
                raise error
            return super().__getitem__(index)

    dataset.__class__ = Failing
    return read


def test_a_pack_that_was_stopped_goes_on_behind_its_last_shard(pictures, tmp_path):
    pack(pictures, tmp_path / "straight", ONE_EACH, workers=1)
    whole = type(pictures)
    stopping_at(pictures, 3)
    with pytest.raises(KeyboardInterrupt):
        pack(pictures, tmp_path / "stopped", ONE_EACH, workers=1)
    assert sorted(contents(tmp_path / "stopped")) == ["000.crops", "001.crops"]
    pictures.__class__ = whole
    read = stopping_at(pictures, None)
    pack(pictures, tmp_path / "stopped", ONE_EACH, workers=1)
    assert read == [2, 3, 4]
    assert contents(tmp_path / "stopped") == contents(tmp_path / "straight")


def test_threads_do_not_change_a_byte(pictures, tmp_path):
    told = []
    pack(pictures, tmp_path / "1", LIKE_NEW, workers=1, progress=lambda *now: told.append(now))
    pack(pictures, tmp_path / "4", LIKE_NEW, workers=4)
    assert contents(tmp_path / "1") == contents(tmp_path / "4")
    assert told == [(0, 5)]


def test_what_is_finished_stays(pictures, tmp_path):
    first = pack(pictures, tmp_path / "p", LIKE_NEW)
    before = contents(tmp_path / "p")
    read = stopping_at(pictures, None)
    assert pack(pictures, tmp_path / "p", LIKE_NEW) == first
    assert read == []
    assert contents(tmp_path / "p") == before


@pytest.mark.parametrize("finished", [True, False])
def test_another_pack_is_not_overwritten(pictures, drawn, tmp_path, finished):
    pack(pictures, tmp_path, LIKE_NEW)
    if not finished:
        (tmp_path / "manifest.json").unlink()
    before = contents(tmp_path)
    for other in ((drawn(6), LIKE_NEW), (pictures, PackSettings())):
        with pytest.raises(ValueError, match="has a pack of other data or settings than are now"):
            pack(other[0], tmp_path, other[1])
    assert contents(tmp_path) == before


def test_shards_are_as_large_as_allowed(tmp_path):
    people = SyntheticPeople(num_people=40, size=96)
    manifest = pack(people, tmp_path, PackSettings(quality=95, shard_mb=0.04))
    sizes = [(tmp_path / name).stat().st_size for name in manifest["shards"]]
    assert len(sizes) > 2
    assert max(sizes) <= 40_000
    assert (
        min(sizes[:-1]) > 25_000
    )  # less than 4 kB is kept for the header, and one crop is missing


def test_the_manifest_says_of_what_it_is_made_and_the_people_can_be_scored_without_it(
    pictures, tmp_path
):
    pack(pictures, tmp_path, LIKE_NEW)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["fingerprint"] == pictures.fingerprint()
    assert (manifest["name"], manifest["people"], manifest["version"]) == ("drawn", 5, 1)
    assert manifest["settings"] == dict(reach=3.0, size=5000, quality=95, shard_mb=55.0)
    assert manifest["made_by"]["opencv"] == cv2.__version__
    truth = read_truth(tmp_path / "people.npz")
    np.testing.assert_array_equal(truth.people.keypoints, pictures.people.keypoints)
    assert truth.people.image_ids.tolist() == [f"drawn/{n}.png" for n in range(5)]


def test_a_shrunk_crop_is_the_mean_of_what_it_covers(pictures, tmp_path):
    """At exactly a half, each pixel is the mean of four; JPEG adds a little."""
    path = pictures.people.image_paths[0]
    grey = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(path, grey)
    pictures.people.boxes[0] = (0, 0, 499, 399)
    pack(pictures, tmp_path / "drawn", PackSettings(size=250, quality=100))
    sample = PackedCrops("drawn", folder=tmp_path)[0]
    means = grey.reshape(200, 2, 250, 2).mean(axis=(1, 3))
    assert sample["image"].shape == (200, 250, 3)
    assert np.abs(sample["image"] - means[..., None]).mean() < 0.5
    # The middle of four pixels is that of one.
    np.testing.assert_allclose(affine.apply(sample["matrix"], np.array([10.5, 20.5])), [5, 10])


def test_the_disk_is_full(pictures, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("poseforge.files.os.fsync", full)
    with pytest.raises(OSError, match=r"cannot be written: No space left on device; make room"):
        pack(pictures, tmp_path / "p", LIKE_NEW)
    assert contents(tmp_path / "p") == {}


def test_samples_that_are_not_one_person_are_refused(tmp_path):
    people = SyntheticPeople(num_people=6, people=(1, 3), size=80)
    with pytest.raises(ValueError, match="are not one person each; pack the data set that is"):
        pack(Scenes(people), tmp_path / "p", LIKE_NEW)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("box", "complaint"),
    [
        ((np.nan, 0, 5, 5), "1 people of drawn have no box with a length, the first is drawn2"),
        ((7, 7, 7, 7), "1 people of drawn have no box with a length"),
        ((900, 0, 950, 50), "the box of drawn2 in drawn lies outside the image of 500 x 400"),
    ],
)
def test_people_whom_no_crop_can_show_are_named(pictures, tmp_path, box, complaint):
    pictures.people.boxes[2] = box
    with pytest.raises(ValueError, match=complaint):
        pack(pictures, tmp_path / "p", LIKE_NEW)


def test_a_missing_image_is_named_and_no_half_shard_is_left(pictures, tmp_path):
    (tmp_path / "3.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"no image .*3.png"):
        pack(pictures, tmp_path / "p", LIKE_NEW)
    assert contents(tmp_path / "p") == {}


@pytest.mark.parametrize(
    "settings",
    [dict(reach=0.9), dict(size=0), dict(quality=0), dict(quality=101), dict(shard_mb=0)],
)
def test_wrong_settings_are_refused(settings):
    (value,) = settings.values()
    with pytest.raises(ValueError, match=f"={value}.* not allowed; give a"):
        PackSettings(**settings)


def test_combined_data_sets_are_packed_apart(drawn):
    parts = [drawn(3, name=name) for name in "abc"]
    assert parts_of(Combined([Combined(parts[:2]), parts[2]])) == parts
    assert parts_of(parts[0]) == parts[:1]
