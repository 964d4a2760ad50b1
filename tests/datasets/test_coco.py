import json
import pickle
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from poseforge.datasets import CocoKeypoints, CocoStyle, DataNotFoundError, build_loader
from poseforge.registry import DATASETS
from poseforge.transforms import Crop, Read

FISH = {
    "name": "fish3",
    "keypoints": ("nose", "left_fin", "right_fin"),
    "pairs": (("left_fin", "right_fin"),),
    "links": (("left_fin", "right_fin"),),
}


def annotation(number, image, points, **changes):
    return {
        "id": number,
        "image_id": image,
        "category_id": 7,
        "keypoints": [value for point in points for value in point],
        "num_keypoints": sum(point[2] > 0 for point in points),
        "bbox": [10, 20, 30, 40],
        "area": 600.5,
        "iscrowd": 0,
        **changes,
    }


SEEN = [(12, 22, 2), (20, 30, 1), (0, 0, 0)]
NOWHERE = [(0, 0, 0)] * 3


@pytest.fixture
def fish(tmp_path: Path) -> Path:
    """A file of two pictures and five fish, in a folder tree of its own."""
    document = {
        "images": [
            {"id": 1, "file_name": "a/1.png", "width": 60, "height": 80},
            {"id": 2, "file_name": "b/1.png", "width": 60, "height": 80},
            {"id": 3, "file_name": "b/without.png", "width": 60, "height": 80},
        ],
        "annotations": [
            annotation(11, 1, SEEN),
            annotation(12, 1, NOWHERE),
            annotation(13, 2, SEEN, iscrowd=1),
            annotation(14, 2, SEEN, bbox=[5, 5, 0, 0]),
            annotation(15, 2, [(5, 6, 2), *NOWHERE[1:]]),
        ],
        "categories": [{"id": 7, "name": "fish", "keypoints": FISH["keypoints"], "skeleton": []}],
    }
    path = tmp_path / "fish.json"
    path.write_text(json.dumps(document))
    for name in ("a", "b"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "pictures" / name / "1.png"), np.full((80, 60, 3), 9, np.uint8))
    return path


def style(path: Path, **options) -> CocoStyle:
    return CocoStyle(path, path.parent / "pictures", **options)


def test_people_are_the_labelled_and_truth_is_everyone(fish: Path):
    data = style(fish, skeleton=FISH)
    assert data.people.ids.tolist() == ["11", "15"]
    assert data.left_out == 1  # 14, whose box has no size
    assert data.truth.ids.tolist() == ["11", "12", "13", "14", "15", "3/nobody"]
    assert data.truth.crowd.tolist() == [False, False, True, False, False, False]
    assert data[0]["box"].tolist() == [10, 20, 40, 60]
    assert data[0]["visible"].tolist() == [2, 1, 0]
    assert data[0]["keypoints"].tolist() == [[12, 22], [20, 30], [0, 0]]
    assert data.people.image_ids.tolist() == ["1", "2"]
    np.testing.assert_allclose(data.people.areas, 600.5)
    assert data.name == "fish"
    assert data.protocol == "annotated box"
    assert data.skeleton.links == (("left_fin", "right_fin"),)
    assert Read()(data[1], np.random.default_rng())["image"].shape == (80, 60, 3)


def test_boxes_of_the_labelled_joints(fish: Path):
    data = style(fish, skeleton=FISH, boxes="joints", name="goldfish")
    assert data.people.ids.tolist() == ["11", "14"]
    assert data.left_out == 1  # 15, which has one point only
    assert data[0]["box"].tolist() == [12, 22, 20, 30]
    assert data.protocol == "box of the labelled joints"
    assert data.name == "goldfish"
    assert data.truth.boxes[0].tolist() == [10, 20, 40, 60]


def test_the_files_own_skeleton(fish: Path):
    assert style(fish).skeleton.keypoints == FISH["keypoints"]
    assert style(fish).skeleton.pairs == FISH["pairs"]


def test_a_file_that_gives_nobody_an_area(fish: Path):
    document = json.loads(fish.read_text())
    for row in document["annotations"]:
        del row["area"]
    fish.write_text(json.dumps(document))
    assert len(style(fish).people.areas) == 0
    assert len(style(fish).truth.areas) == 0


def test_config_and_workers(fish: Path):
    pictures = str(fish.parent / "pictures")
    config = {"type": "CocoStyle", "annotations": str(fish), "images": pictures, "skeleton": FISH}
    data = DATASETS.build(config)
    assert pickle.loads(pickle.dumps(data)).people.ids.tolist() == data.people.ids.tolist()
    transforms = [Read(), Crop((16, 16))]
    loader = build_loader(data, transforms, batch_size=2, num_workers=1, train=False)
    [batch] = list(loader)
    assert batch["keypoints"].shape == (2, 3, 2)
    assert torch.isfinite(batch["keypoints"]).all()


def test_fingerprint(fish: Path, tmp_path: Path):
    first = style(fish, skeleton=FISH).fingerprint()
    assert style(fish, skeleton=FISH).fingerprint() == first
    assert style(fish, skeleton=FISH, boxes="joints").fingerprint() != first
    assert style(fish, skeleton={**FISH, "links": ()}).fingerprint() != first
    fish.write_text(fish.read_text() + " ")
    assert style(fish, skeleton=FISH).fingerprint() != first


def test_bad_input_in_one_sentence(fish: Path):
    with pytest.raises(ValueError, match="boxes='tight' is not known; choose one of annotated, j"):
        style(fish, boxes="tight")
    with pytest.raises(ValueError, match="exclude one another"):
        style(fish, boxes="joints", detections=fish)
    with pytest.raises(ValueError, match=r"keypoints nose, left_fin.* 'coco17' has nose, left_eye"):
        style(fish, skeleton="coco17")
    with pytest.raises(FileNotFoundError, match=r"absent\.json does not exist"):
        style(fish.with_name("absent.json"))
    (fish.parent / "pictures" / "b" / "1.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 2 images are missing in .*b, .* 1\.png"):
        style(fish)
    fish.write_text(fish.read_text()[:-5])
    with pytest.raises(ValueError, match="is not whole JSON"):
        style(fish)


@pytest.fixture
def mini(data_root: Path) -> Path:
    if not (data_root / "coco_mini").is_dir():
        pytest.skip("needs coco_mini in POSEFORGE_DATA")
    return data_root


def test_real_coco(mini: Path):
    data = CocoKeypoints("train", data_root=mini, folder="coco_mini")
    path = mini / "coco_mini" / "annotations" / "person_keypoints_train2017.json"
    rows = json.loads(path.read_text())["annotations"]
    searched = [row for row in rows if row["num_keypoints"] and not row["iscrowd"]]
    assert len(data.truth) == len(rows) == 147
    assert data.truth.crowd.sum() == 5
    assert len(data) == len(searched) == 86
    assert data.left_out == 0
    assert data.name == "coco_mini_train"
    assert data.skeleton.name == "coco17"
    for index in (0, 40, 85):
        row, sample = searched[index], data[index]
        assert data.people.ids[index] == str(row["id"])
        triples = np.reshape(row["keypoints"], (17, 3))
        np.testing.assert_array_equal(sample["visible"], triples[:, 2])
        np.testing.assert_array_equal(sample["keypoints"], triples[:, :2])
        x, y, width, height = row["bbox"]
        np.testing.assert_allclose(sample["box"], [x, y, x + width, y + height], rtol=1e-6)
        assert Read()(sample, np.random.default_rng())["image"].ndim == 3


def test_official_folders(mini: Path, tmp_path: Path):
    shutil.copytree(mini / "coco_mini", tmp_path / "coco")
    assert CocoKeypoints("train", data_root=tmp_path).name == "coco_train"
    with pytest.raises(FileNotFoundError, match=r"person_keypoints_val2017\.json does not exist"):
        CocoKeypoints("val", data_root=tmp_path)
    with pytest.raises(DataNotFoundError, match=r"cocodataset\.org"):
        CocoKeypoints("val", data_root=tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="split='test' is not known; choose one of train, val"):
        CocoKeypoints("test", data_root=tmp_path)
