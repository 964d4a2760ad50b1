from dataclasses import fields

import numpy as np
import pytest

from poseforge.formats.truth import Truth, read_truth, write_truth
from poseforge.structures import SKELETONS, People


def people(**columns):
    rng = np.random.default_rng(0)
    known = {
        "image_paths": np.array(["/somewhere/a.jpg", "/somewhere/a.jpg", "/somewhere/b.jpg"]),
        "keypoints": rng.random((3, 14, 2)).astype(np.float32),
        "visible": rng.integers(0, 3, (3, 14)).astype(np.float32),
        "boxes": rng.random((3, 4)).astype(np.float32),
        "ids": np.array(["1", "2", "ü"]),
    }
    return People(**(known | columns))


@pytest.fixture(params=SKELETONS)
def skeleton(request):
    return SKELETONS[request.param]


def test_round_trip_of_every_column(tmp_path):
    everything = people(
        image_ids=np.array(["a", "a", "b"]),
        areas=np.array([1, np.nan, 3], np.float32),
        head_sizes=np.array([1, 2, 3], np.float32),
        box_scores=np.array([1, 0.5, 0], np.float32),
        crowd=np.array([True, False, False]),
    )
    truth = Truth("mine", SKELETONS["lsp14"], everything, "a holdout")
    write_truth(truth, tmp_path / "a.npz")
    found = read_truth(tmp_path / "a.npz")
    assert (found.name, found.skeleton, found.protocol) == ("mine", truth.skeleton, "a holdout")
    for column in fields(People):
        if column.name != "image_paths":
            array = getattr(found.people, column.name)
            np.testing.assert_array_equal(array, getattr(everything, column.name))
            assert array.dtype == getattr(everything, column.name).dtype
    assert len(found.people.image_paths) == 0
    first = (tmp_path / "a.npz").read_bytes()
    write_truth(found, tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == first


def test_people_stay_grouped_by_image(tmp_path):
    write_truth(Truth("mine", SKELETONS["lsp14"], people(), ""), tmp_path / "a.npz")
    assert read_truth(tmp_path / "a.npz").people.image_rows.tolist() == [0, 0, 1]


def test_every_skeleton_comes_back(tmp_path, skeleton):
    count = skeleton.num_keypoints
    someone = people(keypoints=np.zeros((3, count, 2)), visible=np.zeros((3, count)))
    write_truth(Truth("mine", skeleton, someone, ""), tmp_path / "a.npz")
    assert read_truth(tmp_path / "a.npz").skeleton == skeleton


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"about": "{"}, "'about' is not the JSON"),
        ({"about": '{"name": "a"}'}, "'about' is not the JSON"),
        ({"keypoints": np.zeros((3, 13, 2))}, "disagree in shape with 3 ids and the 14 keypoints"),
        ({"boxes": np.zeros((3, 5))}, "disagree in shape"),
        ({"visible": np.zeros((2, 14))}, "disagree in shape"),
        ({"head_sizes": np.zeros(2)}, "disagree in shape"),
        ({"keypoints": np.full((3, 14, 2), "1")}, "must have numbers as keypoints"),
        ({"ids": np.arange(3)}, "strings as ids"),
    ],
)
def test_damage(tmp_path, change, message):
    path = tmp_path / "a.npz"
    write_truth(Truth("mine", SKELETONS["lsp14"], people(), ""), path)
    with np.load(path) as content:
        arrays = dict(content)
    np.savez(path, **(arrays | change))
    with pytest.raises(ValueError, match=message):
        read_truth(path)


def test_a_file_of_predictions_is_no_truth(tmp_path):
    np.savez(tmp_path / "a.npz", ids=np.array(["a"]), keypoints=np.zeros((1, 14, 2)))
    with pytest.raises(ValueError, match="no array about and no visible and no boxes; it has ids"):
        read_truth(tmp_path / "a.npz")
