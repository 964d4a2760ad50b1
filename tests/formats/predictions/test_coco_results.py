import contextlib
import io
import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from poseforge.formats.predictions import read_predictions, write_coco_results
from poseforge.structures import SKELETONS, Detections

COCO17 = SKELETONS["coco17"]


def read(path):
    return read_predictions(path, skeleton=COCO17, ids=np.array(["unused"]))


@pytest.fixture
def detections():
    rng = np.random.default_rng(0)
    return Detections(
        np.array(["7", "7", "000123", "street/a.jpg"]),
        rng.normal(scale=300, size=(4, 17, 2)).astype(np.float32),
        rng.random((4, 17)).astype(np.float32),
        rng.random(4).astype(np.float32),
    )


def test_round_trip_is_exact(tmp_path, detections):
    path = tmp_path / "a.json"
    write_coco_results(detections, path)
    found = read(path)
    assert found.image_ids.tolist() == detections.image_ids.tolist()
    for name in ("keypoints", "scores", "person_scores"):
        np.testing.assert_array_equal(getattr(found, name), getattr(detections, name))
    items = json.loads(path.read_text())
    assert [item["image_id"] for item in items] == [7, 7, "000123", "street/a.jpg"]
    first = path.read_bytes()
    write_coco_results(detections, path)
    assert path.read_bytes() == first


def test_a_point_that_is_not_predicted_becomes_zeros(tmp_path, detections):
    detections.keypoints[1, 3] = np.nan
    write_coco_results(detections, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())[1]["keypoints"][9:12] == [0, 0, 0]
    assert np.isnan(detections.keypoints[1, 3]).all()


def test_a_pose_without_a_score_is_not_written(tmp_path, detections):
    detections.person_scores[0] = np.nan
    with pytest.raises(ValueError, match="cannot be ranked"):
        write_coco_results(detections, tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_pycocotools_finds_the_truth_in_what_is_written(tmp_path, data_root):
    labels = data_root / "coco_mini" / "annotations" / "person_keypoints_train2017.json"
    if not labels.is_file():
        pytest.skip("needs coco_mini/ in POSEFORGE_DATA")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(labels))
        people = [person for person in coco.anns.values() if person["num_keypoints"]]
        points = np.array([person["keypoints"] for person in people], np.float32).reshape(-1, 17, 3)
        path = tmp_path / "a.json"
        write_coco_results(
            Detections(
                np.array([str(person["image_id"]) for person in people]),
                points[..., :2],
                np.ones(points.shape[:2], np.float32),
                np.ones(len(people), np.float32),
            ),
            path,
        )
        evaluation = COCOeval(coco, coco.loadRes(str(path)), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1)


ITEM = {"image_id": 1, "category_id": 1, "keypoints": [1, 2, 0.5] * 17, "score": 0.5}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "is an empty list"),
        ([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}], "no keypoints"),
        ([ITEM, {**ITEM, "keypoints": [1, 2, 0.5] * 16}], "all of one length"),
        ([{**ITEM, "keypoints": [1, 2] * 17}], "x, y, score in turn"),
        ([{**ITEM, "keypoints": "none"}], "x, y, score in turn"),
        ([{**ITEM, "score": None}], "not a number"),
        ([{**ITEM, "score": [1, 2]}], "'score' a number"),
        ([ITEM, {**ITEM, "category_id": 3}], "the categories 1, 3; give a file of one"),
        ([ITEM, 5], "item 2 of 2 has no image_id"),
        ([{**ITEM, "keypoints": [1e999, 2, 0.5] * 17}], "infinite"),
    ],
)
def test_bad_input(tmp_path, items, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(items))
    with pytest.raises(ValueError, match=message):
        read(path)
