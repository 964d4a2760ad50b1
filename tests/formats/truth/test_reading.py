import h5py
import numpy as np
import pytest
from scipy.io import savemat

from poseforge.formats.coco import read_coco
from poseforge.formats.truth import read_truth


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="with ground truth; check the path"):
        read_truth(tmp_path / "none.mat")


def test_unknown_suffix(tmp_path):
    (tmp_path / "a.xml").write_text("<a/>")
    with pytest.raises(ValueError, match=r"'\.xml'.*\.json, \.npz, \.mat, \.h5, \.hdf5"):
        read_truth(tmp_path / "a.xml")


@pytest.mark.parametrize("suffix", ["npz", "mat", "h5", "json"])
@pytest.mark.parametrize("content", [b"", b"nothing known\x00\xff"])
def test_empty_and_foreign_files(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.\w+ is (empty|damaged|not)"):
        read_truth(path)


def test_predictions_are_no_truth(tmp_path):
    savemat(tmp_path / "a.mat", {"prediction_all": np.zeros((14, 2, 3))})
    with pytest.raises(ValueError, match=r"arrays prediction_all, .* joints, pos_gt_src, part"):
        read_truth(tmp_path / "a.mat")


@pytest.mark.parametrize("joints", [np.zeros((14, 3, 10000)), np.zeros((3, 14, 2000), dtype="U1")])
def test_joints_of_another_shape_or_type(tmp_path, joints):
    savemat(tmp_path / "a.mat", {"joints": joints})
    with pytest.raises(ValueError, match=r"\(3, 14, 2000\) \(LSP\) and \(2, 10, 1016\) \(FLIC\)"):
        read_truth(tmp_path / "a.mat")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("shape", [(3, 14, 2000), (2, 10, 1016)])
def test_places_that_are_no_numbers(tmp_path, shape, value):
    joints = np.zeros(shape)
    joints[0, 0, -1] = value
    savemat(tmp_path / "a.mat", {"joints": joints})
    with pytest.raises(ValueError, match="places that are no numbers"):
        read_truth(tmp_path / "a.mat")


def test_lsp_flags_of_another_set(tmp_path):
    savemat(tmp_path / "a.mat", {"joints": np.full((3, 14, 2000), 2)})
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        read_truth(tmp_path / "a.mat")


def test_mpii_without_head_sizes_or_of_another_shape(tmp_path):
    path = tmp_path / "a.h5"
    arrays = {
        "part": np.ones((2, 16, 2)),
        "visible": np.ones((2, 16)),
        "imgname": np.array([b"a", b"b"]),
    }
    with h5py.File(path, "w") as file:
        file.update(arrays)
    with pytest.raises(ValueError, match="no array normalize; it has imgname, part, visible"):
        read_truth(path)
    with h5py.File(path, "a") as file:
        file["normalize"] = np.ones(3)
    with pytest.raises(ValueError, match=r"\(3,\), but they should be .*\(2,\)"):
        read_truth(path)
    with h5py.File(path, "a") as file:
        del file["normalize"]
        file["normalize"] = np.ones(2)
    assert read_truth(path).people.ids.tolist() == ["mpii/a/0", "mpii/b/0"]


@pytest.mark.parametrize("points", [np.full((16, 2, 3), np.nan), np.full((16, 2, 3), "a")])
def test_mpii_labels_that_are_no_numbers(tmp_path, points):
    arrays = {"jnt_missing": np.zeros((16, 3)), "headboxes_src": np.ones((2, 2, 3))}
    savemat(tmp_path / "a.mat", {"pos_gt_src": points, **arrays})
    with pytest.raises(ValueError, match="labels that are no numbers"):
        read_truth(tmp_path / "a.mat")


def test_mpii_evaluation_of_another_shape(tmp_path):
    arrays = {"pos_gt_src": np.ones((16, 2, 3)), "jnt_missing": np.zeros((16, 3))}
    savemat(tmp_path / "a.mat", arrays)
    with pytest.raises(ValueError, match="no array headboxes_src"):
        read_truth(tmp_path / "a.mat")
    savemat(tmp_path / "a.mat", {**arrays, "headboxes_src": np.ones((2, 2, 2))})
    with pytest.raises(ValueError, match=r"\(2, 2, 2\), but they should be .*\(2, 2, 3\)"):
        read_truth(tmp_path / "a.mat")


def test_coco_is_read_by_its_own_reader(data_root):
    path = data_root / "coco_mini" / "annotations" / "person_keypoints_train2017.json"
    if not path.is_file():
        pytest.skip("needs coco_mini/ in POSEFORGE_DATA")
    truth = read_truth(path)
    annotations = read_coco(path)
    assert truth.people.ids.tolist() == annotations.people.ids.tolist()
    assert truth.skeleton == annotations.skeleton
    assert truth.protocol == "147 people of person_keypoints_train2017.json"
