from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from poseforge.datasets import FLIC, DataNotFoundError
from poseforge.registry import DATASETS
from tests.datasets.mpii_files import structs, write_pictures

# The data set's own names of its 29 columns that have labels, counted from 1.
OFFICIAL = {
    "left_shoulder": 1, "left_elbow": 2, "left_wrist": 3,
    "right_shoulder": 4, "right_elbow": 5, "right_wrist": 6,
    "left_hip": 7, "right_hip": 10, "left_eye": 13, "right_eye": 14, "nose": 17,
}  # fmt: skip


def height_of(joint):
    return 20 + OFFICIAL[joint.replace("right", "left")]


def example(name, *, train, shift=0.0, front=True):
    coords = np.full((2, 29), np.nan)
    for joint, column in OFFICIAL.items():
        is_left = joint.startswith("left")
        side = (1 if is_left == front else -1) if joint != "nose" else 0
        coords[:, column - 1] = 60.5 + 10 * side + shift, height_of(joint)
    return {
        "filepath": name,
        "coords": coords,
        "torsobox": np.array([[51.0, 21.0, 71.0, 61.0]]),
        "istrain": float(train),
        "istest": float(not train),
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Twelve people to train on, of films a, b and c, and two to test on, one seen from behind."""
    films = ["a-film"] * 6 + ["b-2"] * 4 + ["c"] * 2
    train = [f"{film}-{number:08d}.jpg" for number, film in enumerate(films)]
    people = [example(name, train=True, shift=n) for n, name in enumerate(train)]
    people[1]["coords"][:, 2] = np.nan
    people += [example("d-1.jpg", train=False), example("d-1.jpg", train=False, front=False)]
    (tmp_path / "flic").mkdir()
    savemat(tmp_path / "flic" / "examples.mat", {"examples": structs(people)})
    write_pictures(tmp_path / "flic" / "images", [*train, "d-1.jpg"])
    return tmp_path


def test_joints_go_by_their_official_columns_and_count_from_zero(root: Path):
    data = FLIC("train", data_root=root)
    assert len(data) == 12
    for row, joint in enumerate(data.skeleton.keypoints):
        x = {"left": 69.5, "right": 49.5, "nose": 59.5}[joint.split("_")[0]]
        assert data[0]["keypoints"][row].tolist() == [x, height_of(joint) - 1]
    assert (data[0]["visible"] == 2).all()
    assert data[0]["box"].tolist() == [49.5, 20, 69.5, 36]
    wrist = data.skeleton.index("left_wrist")
    assert data[1]["visible"][wrist] == 0
    assert data[1]["keypoints"][wrist].tolist() == [0, 0]
    assert (data.people.visible == 0).sum() == 1
    assert data.people.ids[0] == "flic/a-film-00000000.jpg/0"
    assert np.isfinite(data.people.keypoints).all()


def test_observers_see_the_right_shoulder_on_the_left(root: Path):
    observer = FLIC("test", data_root=root)
    person = FLIC("test", data_root=root, sides="person")
    assert observer.people.ids.tolist() == ["flic/d-1.jpg/0", "flic/d-1.jpg/1"]
    np.testing.assert_array_equal(observer.people.keypoints[1], observer.people.keypoints[0])
    np.testing.assert_array_equal(person.people.keypoints[0], observer.people.keypoints[0])
    right = person.skeleton.index("right_shoulder")
    assert person[1]["keypoints"][right, 0] == 69.5
    assert observer.protocol == "box of the labelled joints, observer-centric sides"
    assert person.protocol == "box of the labelled joints, person-centric sides"
    assert observer.fingerprint() != person.fingerprint()


def test_validation_people_are_of_other_films(root: Path):
    val, fit = (FLIC(split, data_root=root).people.ids.tolist() for split in ("val", "fit"))
    assert val == ["flic/c-00000010.jpg/0", "flic/c-00000011.jpg/0"]
    assert fit + val == FLIC("train", data_root=root).people.ids.tolist()


def test_torso_box(root: Path):
    data = FLIC("test", data_root=root, box="torso")
    assert data[0]["box"].tolist() == [50, 20, 70, 60]
    assert data.protocol == "torso box found by poselets, observer-centric sides"


def test_bad_input_in_one_sentence(root: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="split='dev' is not known; choose one of train, test"):
        FLIC("dev", data_root=root)
    with pytest.raises(ValueError, match="sides='left' is not known; choose one of observer"):
        FLIC("test", data_root=root, sides="left")
    with pytest.raises(DataNotFoundError, match=r"bensapp\.github\.io"):
        FLIC("test", data_root=tmp_path / "elsewhere")
    (root / "flic" / "images" / "d-1.jpg").unlink()
    with pytest.raises(FileNotFoundError, match="1 of 1 images are missing"):
        FLIC("test", data_root=root)
    path = root / "flic" / "examples.mat"
    for change in ({"coords": np.zeros((2, 28))}, {"torsobox": np.zeros(3)}, {"istest": "maybe"}):
        savemat(path, {"examples": structs([{**example("x.jpg", train=True), **change}])})
        with pytest.raises(ValueError, match=r"examples.mat is not laid out as FLIC's"):
            FLIC("train", data_root=root)
    savemat(path, {"examples": 3})
    with pytest.raises(ValueError, match=r"examples.mat is not laid out as FLIC's"):
        FLIC("train", data_root=root)


def test_registry_builds_it(root: Path):
    assert len(DATASETS.build({"type": "FLIC", "split": "test", "data_root": str(root)})) == 2


def test_published_truth_has_observers_sides_and_this_order(data_root: Path):
    """What the golden file's ten points are: no file says so, geometry and CPM's poses do."""
    folder = data_root / "golden"
    if not (folder / "flic-joints-test-oc.mat").is_file():
        pytest.skip("needs golden in POSEFORGE_DATA")
    truth = loadmat(folder / "flic-joints-test-oc.mat")["joints"].transpose(2, 1, 0)  # (N, 10, 2)
    head, neck, right, left = truth[:, 0], truth[:, 1], truth[:, 2:6], truth[:, 6:10]
    np.testing.assert_array_equal(neck, (right[:, 0] + left[:, 0]) / 2)  # shoulder first
    assert (right[:, 0, 0] < left[:, 0, 0]).all()  # the rule that `sides="observer"` applies
    assert (right[:, 0, 1] < right[:, 3, 1]).all()  # hip last, below the shoulder
    assert (left[:, 0, 1] < left[:, 3, 1]).all()
    assert (head[:, 1] < neck[:, 1]).mean() > 0.99
    poses = loadmat(folder / "cpm_flic.mat")["prediction_all"].transpose(2, 0, 1).astype(float)
    same = np.concatenate([left[:, :3], right[:, :3], left[:, 3:], right[:, 3:], head[:, None]], 1)
    torso = np.linalg.norm(left[:, 0] - right[:, 3], axis=-1)
    hit = np.linalg.norm(poses - same, axis=-1) <= 0.2 * torso[:, None]
    assert round(100 * hit[:, [1, 4]].mean(), 2) == 97.59  # elbow and wrist, as published
    assert round(100 * hit[:, [2, 5]].mean(), 2) == 95.03
