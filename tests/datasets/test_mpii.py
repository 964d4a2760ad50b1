import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from poseforge.datasets import MPII, DataNotFoundError
from poseforge.registry import DATASETS
from poseforge.structures import affine, boxes
from poseforge.transforms import Crop, Read, read_size
from tests.datasets.mpii_files import cells, structs, write_head_boxes, write_pictures

JOINTS = [[31.0 + k, 11.0 + 3 * k] for k in range(16)]


def person(image, **changes):
    base = {"center": [41.0, 31.0], "scale": 0.2, "joints": JOINTS, "joints_vis": [1] * 16}
    return {"image": image, **base, **changes}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`mpii` in HRNet's layout: three people of the validation split, one without a scale."""
    people = [
        person("a.jpg"),
        person("b.jpg", scale=-1, center=[-1, -1]),
        person("a.jpg", joints_vis=[0] * 16),
    ]
    write_pictures(tmp_path / "mpii" / "images", ["a.jpg", "b.jpg"])
    folder = tmp_path / "mpii" / "annotations"
    folder.mkdir()
    (folder / "valid.json").write_text(json.dumps(people))
    return tmp_path


def test_people_of_the_json_layout(root: Path):
    data = MPII("valid", data_root=root)
    assert data.people.ids.tolist() == ["mpii/a.jpg/0", "mpii/a.jpg/1"]
    assert data.people.image_ids.tolist() == ["a.jpg", "a.jpg"]
    assert data.left_out == 1
    assert data.skeleton.name == "mpii16"
    assert data.name == "mpii_valid"
    assert data.protocol == "box from the annotated centre and scale"
    # centre (40, 30) counted from 0, moved down by 3; side 40
    assert data[0]["box"].tolist() == [20, 13, 60, 53]
    assert data[0]["keypoints"][1].tolist() == [31, 13]
    assert data.people.keypoints.dtype == data.people.boxes.dtype == np.float32
    assert len(data.people.head_sizes) == 0
    assert Read()(data[0], np.random.default_rng())["image"].shape == (80, 120, 3)


def test_a_padded_crop_is_hrnets(root: Path):
    """HRNet's affine map, from its paper's code: see the comments."""
    data = MPII("valid", data_root=root)
    sample = Read()(data[0], np.random.default_rng())
    matrix = Crop((256, 256), padding=1.25)(sample, np.random.default_rng())["matrix"]
    center = np.array([41.0, 31.0 + 15 * 0.2]) - 1  # moved down, then counted from 0
    side = 200 * 0.2 * 1.25
    # Its map sends the centre to the middle of 256 and the side to 256; the middle of pixel
    # centres is half a pixel before that of edges.
    middle = affine.apply(matrix, center[None])[0]
    np.testing.assert_allclose(middle, [127.5, 127.5])
    np.testing.assert_allclose(matrix[:, :2], np.eye(2) * 256 / side)


def test_box_of_the_joints_leaves_out_people_without(root: Path):
    data = MPII("valid", data_root=root, box="joints")
    assert data.people.ids.tolist() == ["mpii/a.jpg/0", "mpii/b.jpg/0"]
    assert data[0]["box"].tolist() == [30, 10, 45, 55]
    assert data.protocol == "box of the labelled joints"


def test_head_sizes_lie_beside_the_validation_split(root: Path):
    without = MPII("valid", data_root=root).fingerprint()
    path = root / "mpii" / "annotations" / "gt_valid.mat"
    heads = [[1, 1, 31, 41], [1, 1, 4, 5], [1, 1, 7, 9]]
    write_head_boxes(path, heads, [JOINTS] * 3, np.ones((3, 16)))
    data = MPII("valid", data_root=root)
    np.testing.assert_allclose(data.people.head_sizes, [30, 6])
    assert data.fingerprint() != without


@pytest.mark.parametrize(
    "name", ["annot/valid.json", "annotations/mpii_val.json", "annot/mpii_val.json"]
)
def test_other_names_of_the_same_files(root: Path, name: str):
    (root / "mpii" / "annot").mkdir()
    (root / "mpii" / "annotations" / "valid.json").rename(root / "mpii" / name)
    assert len(MPII("valid", data_root=root)) == 2


def test_the_official_file_is_read_where_there_is_no_json(root: Path):
    point = {"id": 3, "x": 31.0, "y": 41.0, "is_visible": "0"}
    rect = {
        "x1": 1.0,
        "y1": 1.0,
        "x2": 4.0,
        "y2": 5.0,
        "scale": 0.2,
        "annopoints": structs([{"point": structs([point])}]),
        "objpos": structs([{"x": 41.0, "y": 31.0}]),
    }
    annolist = [
        {"image": structs([{"name": name}]), "annorect": structs([rect])}
        for name in ("a.jpg", "absent.jpg")
    ]
    document = {
        "annolist": structs(annolist),
        "img_train": np.array([1, 0]),
        "single_person": cells([1, 1]),
    }
    path = root / "mpii" / "mpii_human_pose_v1_u12_1.mat"
    savemat(path, {"RELEASE": structs([document])})
    data = MPII("trainval", data_root=root)
    assert data.people.ids.tolist() == ["mpii/a.jpg/0"]
    assert data[0]["visible"].tolist() == [0, 0, 0, 1] + [0] * 12
    assert data[0]["box"].tolist() == [20, 13, 60, 53]
    assert data.people.head_sizes.tolist() == [3]
    assert len(MPII("trainval", annotations=path)) == 1
    with pytest.raises(FileNotFoundError, match=r"1 of 1 images are missing .* absent\.jpg"):
        MPII("test", data_root=root)


def test_what_is_missing_is_said(root: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="split='val' is not known; choose one of train, valid"):
        MPII("val", data_root=root)
    with pytest.raises(ValueError, match="box='head' is not known; choose one of scale, joints"):
        MPII("valid", data_root=root, box="head")
    with pytest.raises(DataNotFoundError, match=r"human-pose\.mpi-inf"):
        MPII("valid", data_root=tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="no annotations of the split 'train'; put train"):
        MPII("train", data_root=root)
    (root / "mpii" / "images" / "a.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 1 images are missing .* is a\.jpg"):
        MPII("valid", data_root=root)


def test_fingerprint_tells_contents_apart_and_nothing_else(root: Path):
    data = MPII("valid", data_root=root)
    first = data.fingerprint()
    assert pickle.loads(pickle.dumps(data)).fingerprint() == first
    assert MPII("valid", data_root=root, box="joints").fingerprint() != first
    (root / "mpii").rename(root / "moved")
    (root / "elsewhere").mkdir()
    (root / "moved").rename(root / "elsewhere" / "mpii")
    assert MPII("valid", data_root=root / "elsewhere").fingerprint() == first


def test_registry_builds_it(root: Path):
    assert len(DATASETS.build({"type": "MPII", "split": "valid", "data_root": str(root)})) == 2


def test_real_people_lie_in_their_boxes_and_images(data_root: Path):
    path = data_root / "mpii_sample" / "annotations.json"
    if not path.is_file():
        pytest.skip("needs mpii_sample in POSEFORGE_DATA")
    data = MPII(annotations=path)
    assert len(data) == 5
    assert data.people.ids[0] == "mpii/005808361.jpg/0"
    for index in range(5):
        sample = data[index]
        points = sample["keypoints"][sample["visible"] > 0]
        size = read_size(sample["image_path"])
        assert (points >= 0).all()
        assert (points <= np.array(size) - 1).all()
        box = sample["box"]
        padded = [
            boxes.center_of(box) - 0.625 * boxes.sides_of(box),
            boxes.center_of(box) + 0.625 * boxes.sides_of(box),
        ]
        assert (points >= padded[0]).all()
        assert (points <= padded[1]).all()
