import h5py
import numpy as np
import pytest
from scipy.io import savemat

from poseforge.formats.predictions import read_predictions
from poseforge.structures import SKELETONS

LSP = SKELETONS["lsp14"]
IDS = np.array([f"p{n}" for n in range(5)])
POINTS = np.arange(5 * 14 * 2).reshape(5, 14, 2)  # counted from 1, so that 0 is outside


def read(path, ids=IDS, skeleton=LSP):
    return read_predictions(path, skeleton=skeleton, ids=ids)


def saved(path, name, array):
    if path.suffix == ".mat":
        savemat(path, {name: array})
    else:
        with h5py.File(path, "w") as file:
            file[name] = array
    return path


@pytest.mark.parametrize(
    ("file", "name", "axes"),
    [
        ("a.mat", "prediction_all", (1, 2, 0)),
        ("a.mat", "pos_pred_src", (1, 2, 0)),
        ("a.MAT", "prediction_all", (1, 2, 0)),
        ("a.h5", "preds", (0, 1, 2)),
        ("a.h5", "preds", (2, 1, 0)),
        ("a.hdf5", "preds", (0, 1, 2)),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_every_layout_counts_from_zero_without_wrapping(tmp_path, file, name, axes, dtype):
    path = tmp_path / file
    array = POINTS.transpose(axes).astype(dtype)
    if path.suffix == ".MAT":
        saved(tmp_path / "b.mat", name, array).rename(path)
    else:
        saved(path, name, array)
    found = read(path)
    np.testing.assert_array_equal(found.keypoints, POINTS - 1)
    assert found.keypoints.min() == -1
    assert found.keypoints.dtype == np.float32
    assert found.ids.tolist() == IDS.tolist()


def test_one_person_without_the_last_axis(tmp_path):
    path = saved(tmp_path / "a.mat", "prediction_all", POINTS[0])
    np.testing.assert_array_equal(read(path, IDS[:1]).keypoints, POINTS[:1] - 1)


def test_another_number_of_people(tmp_path):
    path = saved(tmp_path / "a.mat", "prediction_all", POINTS[:4].transpose(1, 2, 0))
    with pytest.raises(ValueError, match="holds 4 people without ids, but the truth has 5"):
        read(path)


def test_another_skeleton(tmp_path):
    path = saved(tmp_path / "a.h5", "preds", POINTS)
    with pytest.raises(ValueError, match=r"\(5, 14, 2\).*16 keypoints of mpii16.*K = 16"):
        read(path, skeleton=SKELETONS["mpii16"])


def test_a_shape_of_two_readings(tmp_path):
    path = saved(tmp_path / "a.h5", "preds", POINTS[:2].transpose(0, 1, 2))
    with pytest.raises(ValueError, match=r"must be numbers \(N, K, 2\) or \(2, K, N\)"):
        read(path, IDS[:2])


@pytest.mark.parametrize("file", ["a.mat", "a.h5"])
def test_unknown_variables_are_named(tmp_path, file):
    path = saved(tmp_path / file, "poses", POINTS)
    with pytest.raises(ValueError, match=r"has the arrays poses.*prediction_all, pos_pred"):
        read(path)


def test_words_instead_of_numbers(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"prediction_all": np.array([["a", "b"]], dtype=object)})
    with pytest.raises(ValueError, match="'prediction_all' has the shape"):
        read(path)
