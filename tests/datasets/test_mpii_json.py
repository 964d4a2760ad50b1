import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from poseforge.datasets.mpii_json import read_head_sizes, read_mpii_json
from tests.datasets.mpii_files import write_head_boxes


def person(image="a.jpg", **changes):
    joints = [[10.0 + k, 20.0 + 2 * k] for k in range(16)]
    return {
        "image": image,
        "center": [30.0, 40.0],
        "scale": 0.5,
        "joints": joints,
        "joints_vis": [1] * 16,
        **changes,
    }


def write(path: Path, people) -> Path:
    path.write_text(json.dumps(people))
    return path


@pytest.fixture
def sample(data_root: Path) -> Path:
    path = data_root / "mpii_sample" / "annotations.json"
    if not path.is_file():
        pytest.skip("needs mpii_sample in POSEFORGE_DATA")
    return path


@pytest.fixture
def golden(data_root: Path) -> Path:
    path = data_root / "golden" / "mpii_valid.h5"
    if not path.is_file():
        pytest.skip("needs golden in POSEFORGE_DATA")
    return path.parent


def test_pixels_count_from_zero(tmp_path: Path):
    hidden = person(joints_vis=[0] + [1] * 15)
    hidden["joints"][0] = [-1, -1]
    labels = read_mpii_json(write(tmp_path / "x.json", [person(), hidden, person("b.jpg")]))
    assert labels.images.tolist() == ["a.jpg", "a.jpg", "b.jpg"]
    assert labels.numbers.tolist() == [0, 1, 0]
    assert labels.keypoints[0, 3].tolist() == [12, 25]
    assert labels.keypoints[1, 0].tolist() == [0, 0]
    assert labels.visible[1].tolist() == [0] + [2] * 15
    assert labels.centers[0].tolist() == [29, 39]
    assert labels.scales.tolist() == [0.5] * 3
    assert len(labels.head_sizes) == 0


def test_the_test_split_has_no_joints(tmp_path: Path):
    people = [{key: person()[key] for key in ("image", "center", "scale")}]
    assert (read_mpii_json(write(tmp_path / "x.json", people)).visible == 0).all()


def test_joints_of_the_real_file_are_the_official_ones_counted_from_one(sample, golden):
    """The first five people of the validation split, in three files of different makers."""
    labels = read_mpii_json(sample)
    labelled = labels.visible > 0
    matlab = loadmat(golden / "mpii_valid_headboxes_tompson.mat")
    official = matlab["pos_gt_src"].transpose(2, 0, 1)[:5]
    np.testing.assert_array_equal(labelled, matlab["jnt_missing"].T[:5] == 0)
    np.testing.assert_allclose((labels.keypoints + 1)[labelled], official[labelled], atol=1e-4)
    assert (labels.keypoints[~labelled] == 0).all()
    assert (~labelled).sum() == 4
    with h5py.File(golden / "mpii_valid.h5") as file:
        part, center, scale = (file[key][:5] for key in ("part", "center", "scale"))
        visible = file["visible"][:5]
    # This file has the same joints without their decimals, and says which are hidden.
    np.testing.assert_array_equal(
        np.trunc((labels.keypoints + 1)[labelled] + 1e-6), part[labelled].astype(float)
    )
    assert ((visible == 0) & labelled).sum() == 2  # and so the JSON's joints_vis is "labelled"
    # And its centres and scales are those that HRNet computes from these.
    shifted = labels.centers + 1 + 15 * labels.scales[:, None] * [0, 1]
    np.testing.assert_allclose(shifted, center, atol=1e-3)
    np.testing.assert_allclose(1.25 * labels.scales, scale, atol=1e-5)


def test_head_sizes_are_those_of_another_file_of_the_same_people(golden, tmp_path: Path):
    matlab = loadmat(golden / "mpii_valid_headboxes_tompson.mat")
    joints, missing = matlab["pos_gt_src"].transpose(2, 0, 1), matlab["jnt_missing"].T
    with h5py.File(golden / "mpii_valid.h5") as file:
        normalize, names = file["normalize"][:], file["imgname"][:].astype(str)
    people = [
        person(name, joints=points.tolist(), joints_vis=(1 - gone).tolist())
        for name, points, gone in zip(names, joints, missing.astype(int), strict=True)
    ]
    labels = read_mpii_json(write(tmp_path / "valid.json", people))
    sizes = read_head_sizes(golden / "mpii_valid_headboxes_tompson.mat", labels)
    np.testing.assert_allclose(sizes, normalize, atol=1e-4)
    assert len(sizes) == 2958


def test_head_boxes_of_other_people_are_refused(tmp_path: Path):
    people = [person(), person("b.jpg", joints=[[70.0 - k, 5.0 * k] for k in range(16)])]
    labels = read_mpii_json(write(tmp_path / "x.json", people))
    joints = np.array([row["joints"] for row in people])
    boxes, path = [[1, 1, 4, 5], [2, 2, 8, 10]], tmp_path / "gt_valid.mat"
    write_head_boxes(path, boxes, joints, np.ones((2, 16)))
    assert read_head_sizes(path, labels).tolist() == pytest.approx([3, 6])
    write_head_boxes(path, boxes, joints[::-1], np.ones((2, 16)))
    with pytest.raises(ValueError, match="has other people than the annotations"):
        read_head_sizes(path, labels)
    write_head_boxes(path, boxes[:1], joints[:1], np.ones((1, 16)))
    with pytest.raises(ValueError, match="head boxes of 1 people, but there are annotations of 2"):
        read_head_sizes(path, labels)
    savemat(path, {"headboxes_src": np.ones(3), "pos_gt_src": 1, "jnt_missing": 1})
    with pytest.raises(ValueError, match=r"gt_valid.mat: .*headboxes_src"):
        read_head_sizes(path, labels)


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ({"images": []}, "is not a list of people with image, center"),
        ([person(), {"center": [1, 2]}], "person 2 has no image"),
        ([person(), person(joints=[[1, 2]])], r"'joints' of person 2 \(a.jpg\) is not 16 x 2"),
        ([person(), person(scale="tall")], "'scale' of person 2 .* is not one number"),
        ([person(center=None)], "'center' of person 1 .* is not 2 numbers"),
        ([person(joints_vis=[3] * 16)], "joints_vis is neither 0 nor 1"),
    ],
)
def test_other_layouts_are_refused_in_one_sentence(tmp_path: Path, people, message):
    with pytest.raises(ValueError, match=message) as error:
        read_mpii_json(write(tmp_path / "x.json", people))
    assert "\n" not in str(error.value)


def test_truncated_json_is_refused(tmp_path: Path):
    path = write(tmp_path / "x.json", [person()])
    path.write_text(path.read_text()[:-9])
    with pytest.raises(ValueError, match=r"x.json is not whole JSON"):
        read_mpii_json(path)
