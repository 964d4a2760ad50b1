import pickle
import shutil

import numpy as np
import pytest

from poseforge.datasets import (
    LSP,
    Combined,
    DataNotFoundError,
    LSPExtended,
    PackedCrops,
    build_loader,
)
from poseforge.datasets.packing import PackSettings, pack
from poseforge.evaluation import PCK
from poseforge.structures import People, Predictions, affine
from poseforge.transforms import Crop, Flip, RandomCrop, defer

LIKE_NEW = PackSettings(reach=3.0, size=5000, quality=95)
ONE_EACH = PackSettings(shard_mb=0.001)
WILD = RandomCrop((64, 64), scale=(0.7, 1.3), rotate_deg=40, shift=0.1)


@pytest.fixture
def packed(pictures, tmp_path):
    """Pack and open the people of `pictures`."""

    def make(settings=LIKE_NEW, dataset=pictures):
        pack(dataset, tmp_path / "packed" / dataset.name, settings)
        return PackedCrops(dataset.name, data_root=tmp_path)

    return make


def samples(dataset, transforms):
    for index in range(len(dataset)):
        sample, rng = dataset[index], np.random.default_rng(index)
        for transform in transforms:
            sample = transform(sample, rng)
        yield sample


@pytest.mark.parametrize("transforms", [[Crop((64, 64))], [WILD], [WILD, Flip("lsp14", 1.0)]])
def test_crops_are_those_of_the_pictures(packed, pictures, transforms):
    pairs = zip(samples(packed(), transforms), samples(pictures, transforms), strict=True)
    for found, expected in pairs:
        difference = np.abs(found["image"].astype(float) - expected["image"])
        assert difference.mean() < 1.5  # JPEG at a quality of 95
        for name in ("keypoints", "box", "center", "matrix"):
            np.testing.assert_allclose(found[name], expected[name], atol=1e-3, err_msg=name)


@pytest.mark.parametrize("settings", [LIKE_NEW, PackSettings(size=50)])
def test_coordinates_lead_back_to_the_originals_pixels(packed, pictures, settings):
    dataset = packed(settings)
    for index in range(5):
        sample = dataset[index]
        assert max(sample["image"].shape) <= settings.size
        back = affine.apply(affine.invert(sample["matrix"]), sample["keypoints"])
        np.testing.assert_allclose(back, pictures[index]["keypoints"], atol=1e-3, rtol=0)
        cropped = Crop((64, 64))(sample, np.random.default_rng())
        back = affine.apply(affine.invert(cropped["matrix"]), cropped["keypoints"])
        np.testing.assert_allclose(back, pictures[index]["keypoints"], atol=1e-3, rtol=0)


def test_small_crops_are_not_enlarged(packed, pictures):
    for sample in samples(packed(PackSettings(reach=1.0, size=4000)), []):
        np.testing.assert_array_equal(sample["matrix"][:, :2], np.eye(2))


def test_what_lies_beyond_the_reach_is_filled(packed):
    """A region of the person's size is a quarter of a crop that is padded to twice that."""
    (sample, *_) = samples(packed(PackSettings(reach=1.0)), [Crop((64, 64), padding=2.0)])
    assert 0.6 < (sample["image"] == 128).all(axis=-1).mean() < 0.95


def test_scores_are_those_of_the_original(packed, pictures):
    people = pictures.people
    known = pictures.people = People(
        **{**vars(people), "areas": np.arange(5.0), "head_sizes": np.arange(5.0) + 9}
    )
    dataset = packed()
    for name in ("areas", "head_sizes", "boxes", "ids", "keypoints", "visible"):
        np.testing.assert_array_equal(getattr(dataset.people, name), getattr(known, name))
    np.testing.assert_array_equal(dataset.people.image_rows, known.image_rows)
    assert dataset.skeleton == pictures.skeleton
    assert (dataset.name, dataset.protocol) == (pictures.name, pictures.protocol)
    noise = np.random.default_rng(1).normal(0, 6, known.keypoints.shape)
    fake = Predictions(known.ids, known.keypoints + noise, np.ones(known.visible.shape))
    reports = [
        PCK()(fake.keypoints, fake.scores, data.people, data.skeleton)
        for data in (dataset, pictures)
    ]
    assert reports[0] == reports[1]


def test_an_epoch_has_combineds_order_and_ratio(packed, pictures, drawn):
    ratios = [2.5, 1.0]
    other = drawn(4, name="other")
    parts = [pictures, other]
    originals = Combined(parts, ratios)
    carried = Combined([packed(dataset=part) for part in parts], ratios)
    assert carried.sample_names.tolist() == originals.sample_names.tolist()
    assert len(carried) == 5 * 2 + 2 + 4
    loaders = [
        build_loader(data, [WILD], batch_size=4, seed=3, train=True)
        for data in (originals, carried)
    ]
    for first, second in zip(*loaders, strict=True):
        assert first["index"].tolist() == second["index"].tolist()
        np.testing.assert_allclose(first["keypoints"], second["keypoints"], atol=1e-3)


def test_people_who_are_to_be_found_may_be_others(packed, drawn):
    class Detected(type(drawn(1))):
        @property
        def truth(self):
            return drawn(7).people

    data = drawn(3)
    data.__class__ = Detected
    dataset = packed(dataset=data)
    assert len(dataset.people) == 3
    np.testing.assert_array_equal(dataset.truth.keypoints, drawn(7).people.keypoints)


def test_workers_and_copies_read_the_same(packed):
    dataset = packed(ONE_EACH)
    twin = pickle.loads(pickle.dumps(dataset))
    np.testing.assert_array_equal(twin[3]["image"], dataset[3]["image"])
    loaders = [
        build_loader(dataset, [WILD], batch_size=2, num_workers=n, train=True) for n in (0, 1)
    ]
    for alone, worked in zip(*loaders, strict=True):
        for name, tensor in alone.items():
            np.testing.assert_array_equal(tensor, worked[name])


def test_augmentation_on_the_device_takes_it(packed):
    (batch,) = build_loader(packed(), defer([WILD]), batch_size=5, train=True)
    assert batch["crop"].shape[0] == 5


def test_the_fingerprint_is_that_of_the_files(packed, tmp_path):
    first = packed().fingerprint()
    shutil.copytree(tmp_path / "packed", tmp_path / "elsewhere")
    assert PackedCrops("drawn", folder=tmp_path / "elsewhere").fingerprint() == first
    shutil.rmtree(tmp_path / "packed")
    assert packed(PackSettings(quality=50)).fingerprint() != first


def changed(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_damaged_crop_is_named(packed, tmp_path):
    dataset = packed(ONE_EACH)
    changed(tmp_path / "packed/drawn/002.crops", -20)
    opened = PackedCrops("drawn", data_root=tmp_path)
    with pytest.raises(ValueError, match=r"the crop of drawn2 in .*002.crops is damaged; copy"):
        opened[2]
    np.testing.assert_array_equal(opened[1]["image"], dataset[1]["image"])


@pytest.mark.parametrize(("file", "at"), [("001.crops", 200), ("people.npz", 300)])
def test_damage_to_the_index_is_found_on_opening(packed, tmp_path, file, at):
    packed(ONE_EACH)
    changed(tmp_path / "packed/drawn" / file, at)
    with pytest.raises(ValueError, match=rf"{file} is damaged or of another pack than manifest"):
        PackedCrops("drawn", data_root=tmp_path)


def test_files_of_another_pack_are_refused(packed, tmp_path, drawn):
    packed(ONE_EACH)
    pack(drawn(5, name="other"), tmp_path / "other", ONE_EACH)
    for file in ("people.npz", "003.crops"):
        mine = tmp_path / "packed/drawn" / file
        mine.write_bytes((tmp_path / "other" / file).read_bytes())
        with pytest.raises(ValueError, match=rf"{file} is damaged or of another pack"):
            PackedCrops("drawn", data_root=tmp_path)
        mine.unlink()
        with pytest.raises(FileNotFoundError, match=rf"{file} is missing; copy all files"):
            PackedCrops("drawn", data_root=tmp_path)
        shutil.rmtree(tmp_path / "packed")
        packed(ONE_EACH)


def test_a_later_version_is_refused(packed, tmp_path):
    packed()
    path = tmp_path / "packed/drawn/manifest.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 9'))
    with pytest.raises(ValueError, match="is of version 9 of packs, and this PoseForge reads"):
        PackedCrops("drawn", data_root=tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is not whole JSON"),
        ("[]", "is no manifest of a pack"),
        ('{"version": 1}', "is no manifest of a pack"),
    ],
)
def test_a_damaged_manifest_is_refused(packed, tmp_path, content, complaint):
    packed()
    (tmp_path / "packed/drawn/manifest.json").write_text(content)
    with pytest.raises(ValueError, match=complaint):
        PackedCrops("drawn", data_root=tmp_path)


def test_a_part_that_is_not_there_or_not_finished_is_named(packed, tmp_path):
    packed()
    with pytest.raises(DataNotFoundError, match=r"no pack .*drwn \(beside it: drawn\); make it"):
        PackedCrops("drwn", data_root=tmp_path)
    (tmp_path / "packed/drawn/manifest.json").unlink()
    with pytest.raises(DataNotFoundError, match="is not finished; run the same `poseforge data"):
        PackedCrops("drawn", data_root=tmp_path)


def test_real_people_keep_pixels_and_points(data_root, tmp_path):
    for dataset in (LSP("val", data_root=data_root), LSPExtended(data_root=data_root)):
        dataset.people = dataset.people[:10]
        pack(dataset, tmp_path / "packed" / dataset.name, LIKE_NEW)
        carried = PackedCrops(dataset.name, data_root=tmp_path)
        # At this size neither is read reduced, nor sampled with gaps.
        turned = [RandomCrop((256, 256), scale=(1.0, 1.2))]
        for found, expected in zip(samples(carried, turned), samples(dataset, turned), strict=True):
            difference = np.abs(found["image"].astype(float) - expected["image"])
            assert difference.mean() < 2
            np.testing.assert_allclose(found["keypoints"], expected["keypoints"], atol=1e-3)
