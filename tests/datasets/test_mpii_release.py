from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from poseforge.datasets.mpii_release import read_mpii_release
from tests.datasets.mpii_files import cells, structs

EMPTY = np.empty((0, 0))


def point(number, x, y, seen=EMPTY):
    return {"id": number, "x": x, "y": y, "is_visible": seen}


def image(name, rects):
    return {
        "image": structs([{"name": name}]),
        "annorect": structs(rects) if rects else EMPTY,
        "frame_sec": EMPTY,
    }


def rect(points, scale=1.5, place=(60.0, 40.0)):
    return {
        **dict(zip(("x1", "y1", "x2", "y2"), (10.0, 20.0, 13.0, 24.0), strict=True)),
        "annopoints": structs([{"point": structs(points)}]) if points else EMPTY,
        "scale": scale,
        "objpos": structs([dict(zip("xy", place, strict=True))]) if place else EMPTY,
    }


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Every kind of gap that the official file has."""
    annolist = [
        image("t0.jpg", [rect([point(0, 5.0, 6.0, "1"), point(13, 7.5, 8.0, "0")]), rect([])]),
        image("u0.jpg", [rect([]), rect([], scale=EMPTY, place=None), rect([], scale=2.0)]),
        image("t1.jpg", []),
        image("t2.jpg", [{"x1": 1.0, "y1": 1.0, "x2": 2.0, "y2": 2.0}]),
        image("t3.jpg", [rect([point(8, 1.0, 2.0), point(9, 3.0, 4.0), point(1, 9.0, 9.0, 0)])]),
        image("t4.jpg", [rect([]), rect([point(15, 3.0, 3.0, 1)], scale=EMPTY, place=None)]),
        image("u1.jpg", [rect([])]),
    ]
    document = {
        "annolist": structs(annolist),
        "img_train": np.array([[1, 0, 1, 1, 1, 1, 0]]),
        "single_person": cells([1, [1, 3], [], [], 1, [], []]),
    }
    path = tmp_path / "mpii_human_pose_v1_u12_1.mat"
    savemat(path, {"RELEASE": structs([document])})
    return path


def test_training_people_are_those_with_labels(release: Path):
    labels = read_mpii_release(release, "trainval")
    assert labels.images.tolist() == ["t0.jpg", "t3.jpg", "t4.jpg"]
    assert labels.numbers.tolist() == [0, 0, 1]
    visible = np.zeros((3, 16))
    visible[0, 0], visible[0, 13], visible[1, [8, 9]], visible[1, 1], visible[2, 15] = 2, 1, 2, 1, 2
    np.testing.assert_array_equal(labels.visible, visible)
    assert labels.keypoints[0, [0, 13, 1]].tolist() == [[4, 5], [6.5, 7], [0, 0]]
    assert labels.centers[0].tolist() == [59, 39]
    assert np.isnan(labels.centers[2]).all()
    np.testing.assert_array_equal(labels.scales, [1.5, 1.5, np.nan])
    np.testing.assert_allclose(labels.head_sizes, 3)  # 0.6 of the diagonal of 3 x 4


def test_test_people_are_those_whom_the_evaluation_scores(release: Path):
    labels = read_mpii_release(release, "test")
    assert labels.images.tolist() == ["u0.jpg", "u0.jpg"]
    assert labels.numbers.tolist() == [0, 2]
    assert labels.scales.tolist() == [1.5, 2.0]
    assert (labels.visible == 0).all()


def test_a_file_of_one_image_of_one_person(tmp_path: Path):
    document = {
        "annolist": structs([image("a.jpg", [rect([point(3, 4.0, 5.0, 1)])])]),
        "img_train": 1,
        "single_person": cells([1]),
    }
    savemat(tmp_path / "x.mat", {"RELEASE": structs([document])})
    labels = read_mpii_release(tmp_path / "x.mat", "trainval")
    assert labels.keypoints[0, 3].tolist() == [3, 4]


def test_other_files_and_splits_are_refused(release: Path, tmp_path: Path):
    with pytest.raises(ValueError, match=r"has no split 'valid', .* choose one of trainval, test"):
        read_mpii_release(release, "valid")
    for number, change in enumerate(
        [
            {"img_train": np.array([1, 0])},
            {"annolist": structs([image("a.jpg", [rect([point(16, 4.0, 5.0)])])])},
            {"annolist": structs([image("a.jpg", [rect([point(1, EMPTY, 5.0)])])])},
            {"annolist": 5},
        ]
    ):
        document = {"annolist": EMPTY, "img_train": 1, "single_person": cells([1]), **change}
        path = tmp_path / f"{number}.mat"
        savemat(path, {"RELEASE": structs([document])})
        with pytest.raises(ValueError, match="is not laid out as MPII's official file"):
            read_mpii_release(path, "trainval")
    savemat(tmp_path / "y.mat", {"joints": 1})
    with pytest.raises(ValueError, match="has no variable 'RELEASE'"):
        read_mpii_release(tmp_path / "y.mat", "trainval")
