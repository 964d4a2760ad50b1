import shutil

import numpy as np
import pytest

from poseforge.datasets import LSP, DataNotFoundError, LSPExtended
from poseforge.registry import DATASETS
from poseforge.transforms import Read, read_image


def test_splits_are_the_official_ones(fake_root, leeds_points):
    train, test = LSP("train", data_root=fake_root), LSP("test", data_root=fake_root)
    fit, val = LSP("fit", data_root=fake_root), LSP("val", data_root=fake_root)
    assert [len(part) for part in (train, test, fit, val)] == [1000, 1000, 900, 100]
    assert train.people.ids[[0, -1]].tolist() == ["lsp/im0001.jpg", "lsp/im1000.jpg"]
    assert test.people.ids[[0, -1]].tolist() == ["lsp/im1001.jpg", "lsp/im2000.jpg"]
    assert fit.people.ids.tolist() + val.people.ids.tolist() == train.people.ids.tolist()
    np.testing.assert_allclose(test[3]["keypoints"], leeds_points - 1 + [1.003, 0], atol=1e-4)


def test_sample_fields(fake_root):
    data = LSP("train", data_root=fake_root)
    sample = data[4]
    assert sample["image_path"].endswith("im0005.jpg")
    assert sample["visible"].tolist() == [1] + [2] * 13
    np.testing.assert_array_equal(sample["box"][:2], sample["keypoints"].min(axis=0))
    np.testing.assert_array_equal(sample["box"][2:], sample["keypoints"].max(axis=0))
    assert data.protocol == "box of the labelled joints"
    assert data.skeleton.name == "lsp14"
    assert Read()(sample, np.random.default_rng())["image"].shape == (80, 60, 3)


def test_box_of_the_whole_image(fake_root):
    data = LSP("val", data_root=fake_root, box="image")
    np.testing.assert_array_equal(data.people.boxes, np.tile([0, 0, 59, 79], (100, 1)))
    assert data.people.boxes.dtype == np.float32
    assert data.protocol == "whole image"


def test_extended_leaves_out_people_without_joints(fake_root):
    data = LSPExtended(data_root=fake_root)
    assert len(data) == 9999
    assert data.left_out == 1
    assert "lspet/im00007.jpg" not in data.people.ids
    assert data[6]["image_path"].endswith("im00008.jpg")
    unlabelled = data.people.visible == 0
    assert unlabelled.sum() == 2500
    assert (data.people.keypoints[unlabelled] == 0).all()
    assert np.isfinite(data.people.boxes).all()


def test_registry_builds_both(fake_root):
    data = DATASETS.build(dict(type="LSP", split="val", data_root=str(fake_root)))
    assert len(data) == 100
    assert len(DATASETS.build(dict(type="LSPExtended", data_root=str(fake_root)))) == 9999


def test_fingerprint_tells_contents_apart(fake_root, tmp_path):
    first = LSP("val", data_root=fake_root).fingerprint()
    assert LSP("val", data_root=fake_root).fingerprint() == first
    assert LSP("fit", data_root=fake_root).fingerprint() != first
    shutil.copytree(fake_root / "lsp", tmp_path / "lsp")
    moved = LSP("val", data_root=tmp_path)
    assert moved.fingerprint() == first
    (tmp_path / "lsp" / "images" / "im9999.jpg").touch()
    assert moved.fingerprint() != first


def test_wrong_arguments_are_refused(fake_root, tmp_path):
    with pytest.raises(ValueError, match="split='dev' is not known; choose one of train, test"):
        LSP("dev", data_root=fake_root)
    with pytest.raises(ValueError, match=r"split='test' is not known; choose one of train$"):
        LSPExtended("test", data_root=fake_root)
    with pytest.raises(ValueError, match="box='head' is not known; choose one of joints, image"):
        LSP("train", data_root=fake_root, box="head")
    with pytest.raises(DataNotFoundError, match="poseforge data download lsp"):
        LSP("train", data_root=tmp_path)


def test_missing_images_are_found_before_training(fake_root, tmp_path):
    (tmp_path / "lsp").mkdir()
    shutil.copy(fake_root / "lsp" / "joints.mat", tmp_path / "lsp")
    with pytest.raises(FileNotFoundError, match="2000 of 2000 images are missing"):
        LSP("train", data_root=tmp_path)


def test_real_lsp_is_what_the_literature_counts(data_root):
    train, test = LSP("train", data_root=data_root), LSP("test", data_root=data_root)
    assert len(train) + len(test) == 2000
    assert round(100 * float((train.people.visible == 1).mean()), 2) == 7.07
    assert round(100 * float((test.people.visible == 1).mean()), 2) == 7.53
    assert (train.people.visible > 0).all()
    height, width = read_image(train[0]["image_path"]).shape[:2]
    points = train[0]["keypoints"]
    assert (points >= 0).all()
    assert (points <= [width - 1, height - 1]).all()


def test_real_lspet_is_what_the_literature_counts(data_root):
    data = LSPExtended(data_root=data_root)
    visible = data.people.visible
    left_shoulder, right_hip = data.skeleton.indices(data.skeleton.torso)
    assert len(data) == 10000
    assert (visible == 0).sum() == 16787
    assert ((visible[:, left_shoulder] > 0) & (visible[:, right_hip] > 0)).sum() == 7179
    assert ((visible > 0).all(axis=1)).sum() == 3945
    assert (data.people.keypoints[visible == 0] == 0).all()


def test_real_joints_at_the_origin_are_not_labelled(data_root):
    from scipy.io import loadmat

    raw = loadmat(data_root / "lspet" / "joints.mat")["joints"]  # (14, 3, 10000)
    at_origin = (raw[:, :2] == 0).all(axis=1).T  # (10000, 14)
    assert at_origin.sum() == 112
    assert (LSPExtended(data_root=data_root).people.visible[at_origin] == 0).all()


def test_real_image_boxes_are_the_images_sizes(data_root):
    data = LSP("val", data_root=data_root, box="image")
    for index in (0, 50, 99):
        height, width = read_image(data[index]["image_path"]).shape[:2]
        np.testing.assert_array_equal(data[index]["box"], [0, 0, width - 1, height - 1])
