import json
import pickle

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from poseforge.formats.predictions import read_predictions
from poseforge.structures import SKELETONS


def read(path):
    return read_predictions(path, skeleton=SKELETONS["lsp14"], ids=np.array(["a"]))


def test_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.npz"):
        with pytest.raises(FileNotFoundError, match=r"there is no file .* with predictions"):
            read(path)


def test_unknown_suffix(tmp_path):
    (tmp_path / "a.csv").write_text("1,2")
    with pytest.raises(ValueError, match=r"'\.csv'.*\.json, \.npz, \.mat, \.h5, \.hdf5"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", ["npz", "mat", "h5", "json"])
@pytest.mark.parametrize("content", [b"", b"neither of these\x00\xff"])
def test_empty_and_foreign_files(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.\w+ is (empty|damaged|not)") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["npz", "mat", "h5", "json"])
def test_truncated_files(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    array = np.random.default_rng(0).random((14, 2, 50))
    if suffix == "npz":
        np.savez(path, keypoints=array)
    elif suffix == "mat":
        savemat(path, {"prediction_all": array})
    elif suffix == "h5":
        with h5py.File(path, "w") as file:
            file["preds"] = array
    else:
        path.write_text(json.dumps([{"keypoints": array.tolist()}]))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ValueError, match=r"is (damaged|not)"):
        read(path)


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    (tmp_path / "a.npz").write_bytes(pickle.dumps(Trap()))
    np.savez(tmp_path / "b.npz", ids=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match="no zip archive"):
        read(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="holds pickled objects"):
        read(tmp_path / "b.npz")
    assert not (tmp_path / "sprung").exists()


def test_an_annotation_file_is_no_prediction(tmp_path):
    (tmp_path / "a.json").write_text('{"images": [], "annotations": [], "categories": []}')
    with pytest.raises(ValueError, match="holds no predictions"):
        read(tmp_path / "a.json")


def test_a_single_array_is_no_archive(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r"not an \.npz file"):
        read(tmp_path / "a.npz")
