import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poseforge.formats import Annotations, Images, read_coco, write_coco
from poseforge.structures import People, Skeleton


def test_the_real_file_comes_back_as_it_was(coco_mini, tmp_path, assert_same):
    source = coco_mini / "annotations" / "person_keypoints_train2017.json"
    annotations = read_coco(source, image_root=coco_mini / "train2017")
    write_coco(annotations, tmp_path / "new" / "a.json")
    assert_same(read_coco(tmp_path / "new" / "a.json"), annotations)
    old, new = (json.loads(path.read_text()) for path in (source, tmp_path / "new" / "a.json"))
    for before, after in zip(old["annotations"], new["annotations"], strict=True):
        same = ("id", "image_id", "keypoints", "num_keypoints", "iscrowd")
        assert [before[key] for key in same] == [after[key] for key in same]
        np.testing.assert_allclose(before["bbox"], after["bbox"], rtol=1e-6, atol=1e-4)
        np.testing.assert_allclose(before["area"], after["area"], rtol=1e-6)
    for before, after in zip(old["images"], new["images"], strict=True):
        assert all(before[key] == after[key] for key in ("id", "width", "height"))


def test_pycocotools_reads_the_real_file_and_scores_it_full(coco_mini, tmp_path):
    pycoco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    source = coco_mini / "annotations" / "person_keypoints_train2017.json"
    write_coco(read_coco(source), tmp_path / "a.json")
    truth = pycoco.COCO(str(tmp_path / "a.json"))
    labelled = [one for one in truth.anns.values() if one["num_keypoints"] and not one["iscrowd"]]
    keys = ("image_id", "category_id", "keypoints")
    results = [{**{key: one[key] for key in keys}, "score": 1.0} for one in labelled]
    scores = evaluation.COCOeval(truth, truth.loadRes(results), "keypoints")
    scores.evaluate()
    scores.accumulate()
    scores.summarize()
    assert scores.stats[0] == 1


def test_identical_input_gives_identical_bytes(three_people, tmp_path):
    write_coco(three_people, tmp_path / "a.json")
    write_coco(three_people, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_names_become_numbers_and_unknown_areas_stay_unknown(three_people, tmp_path, assert_same):
    write_coco(three_people, tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text())
    rows = document["annotations"]
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert [row["image_id"] for row in rows] == [1, 1, 2]
    assert [row["area"] for row in rows] == [123.25, 47 * 56, 7000]
    assert ["area_from_box" in row for row in rows] == [False, True, False]
    assert [image["file_name"] for image in document["images"]] == [
        f"pictures/{name}.jpg" for name in "abc"
    ]
    numbers = dict(ids=np.array(["1", "2", "3"]), image_ids=np.array(["1", "1", "2"]))
    expected = Annotations(
        three_people.skeleton,
        replace(three_people.images, ids=np.array(["1", "2", "3"])),
        replace(three_people.people, **numbers),
    )
    assert_same(read_coco(tmp_path / "a.json"), expected)


@pytest.mark.parametrize("scale", [1, 1e3, 1e6])
def test_any_number_comes_back_exactly(scale, tmp_path):
    rng = np.random.default_rng(0)
    people = 500
    keypoints = (rng.normal(size=(people, 3, 2)) * scale).astype(np.float32)
    corners = (rng.normal(size=(people, 2)) * scale).astype(np.float32)
    sides = np.abs(rng.normal(size=(people, 2)) * scale).astype(np.float32)
    boxes = np.concatenate([corners, corners + sides], axis=1)
    areas = rng.uniform(0, scale, people).astype(np.float32)
    images = Images(np.array(["1"]), np.array([str(tmp_path / "a")]), np.array([[1, 1]]))
    names = np.full(people, "1")
    visible = np.full((people, 3), 2, dtype=np.float32)
    ids = np.arange(people).astype(str)
    paths = np.full(people, str(tmp_path / "a"))
    written = People(paths, keypoints, visible, boxes, ids, names, areas)
    write_coco(Annotations(Skeleton("s", ("a", "b", "c")), images, written), tmp_path / "a.json")
    read = read_coco(tmp_path / "a.json").people
    np.testing.assert_array_equal(read.keypoints, keypoints)
    np.testing.assert_array_equal(read.areas, areas)
    np.testing.assert_array_equal(read.boxes, boxes)


def test_an_own_skeleton_comes_back_whole(three_people, tmp_path):
    names = three_people.skeleton.keypoints
    skeleton = Skeleton(
        "mine",
        names[::-1],
        pairs=((names[0], names[5]),),
        links=((names[1], names[2]),),
        sigmas=tuple(np.linspace(0.01, 0.1, 14).tolist()),
        torso=(names[0], names[3]),
        groups={"Feet": names[:1]},
        limbs={"Torso": ((names[:2], names[3]),)},
    )
    write_coco(replace(three_people, skeleton=skeleton), tmp_path / "a.json")
    assert read_coco(tmp_path / "a.json").skeleton == skeleton
    (category,) = json.loads((tmp_path / "a.json").read_text())["categories"]
    assert category["keypoints"] == list(names[::-1])
    assert category["skeleton"] == [[13, 12]]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"name": "a", "keypoints": ["x"]}, "differ; change both"),
        ({"name": "a", "legs": 2}, "'poseforge' of a category is not a skeleton"),
    ],
)
def test_an_own_skeleton_that_was_tampered_with(three_people, tmp_path, value, message):
    write_coco(three_people, tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text())
    document["categories"][0]["poseforge"] = value
    (tmp_path / "a.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match=message):
        read_coco(tmp_path / "a.json")


def test_a_person_without_box_and_points(three_people, tmp_path):
    boxes = three_people.people.boxes.copy()
    boxes[[0, 2]] = np.nan
    people = replace(three_people.people, boxes=boxes)
    write_coco(replace(three_people, people=people), tmp_path / "a.json")
    read = read_coco(tmp_path / "a.json").people
    points = people.keypoints[0][people.visible[0] > 0]
    np.testing.assert_array_equal(read.boxes[0], [*points.min(axis=0), *points.max(axis=0)])
    assert np.isnan(read.boxes[2]).all()
    assert np.isnan(boxes[0]).all()  # what was given is as it was


def test_a_file_without_people_comes_back(three_people, tmp_path):
    nobody = replace(three_people, people=three_people.people[:0])
    write_coco(nobody, tmp_path / "a.json")
    read = read_coco(tmp_path / "a.json")
    assert len(read.images) == 3
    assert read.people.keypoints.shape == (0, 14, 2)


def test_file_names_count_from_the_root_that_is_given(three_people, tmp_path):
    root = tmp_path / "pictures"
    write_coco(three_people, tmp_path / "labels" / "a.json", image_root=root)
    read = read_coco(tmp_path / "labels" / "a.json", image_root=root)
    assert read.images.paths.tolist() == three_people.images.paths.tolist()
    document = json.loads((tmp_path / "labels" / "a.json").read_text())
    assert [image["file_name"] for image in document["images"]] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_failed_write_leaves_the_old_file(three_people, tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space"):
        write_coco(three_people, path)
    assert path.read_bytes() == b"old"
