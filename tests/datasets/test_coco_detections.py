import json
from pathlib import Path

import numpy as np
import pytest

from poseforge.datasets import CocoKeypoints, CocoStyle
from poseforge.evaluation.average_precision import OKSAP
from poseforge.evaluation.base import as_detections
from tests.evaluation.coco_scenes import plain_pycocotools

BIRD = {"name": "bird", "keypoints": ["beak", "tail"]}


def detection(image, box, score=0.5, category=3):
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    """Three pictures, one bird in the first, and cars, which have no keypoints."""
    (tmp_path / "images").mkdir()
    images = [{"id": number, "file_name": f"{number}.jpg"} for number in (1, 2, 3)]
    for image in images:
        (tmp_path / "images" / image["file_name"]).touch()
    bird = {
        "id": 5,
        "image_id": 1,
        "category_id": 3,
        "bbox": [1, 2, 8, 8],
        "area": 50.0,
        "keypoints": [2, 3, 2, 8, 9, 1],
        "iscrowd": 0,
    }
    categories = [{"id": 3, **BIRD}, {"id": 4, "name": "car"}]
    document = {"images": images, "annotations": [bird], "categories": categories}
    (tmp_path / "birds.json").write_text(json.dumps(document))
    return tmp_path


def load(birds: Path, rows, **options) -> CocoStyle:
    path = birds / "found.json"
    path.write_text(json.dumps(rows))
    return CocoStyle(birds / "birds.json", birds / "images", detections=path, **options)


ROWS = [
    detection(2, [10, 20, 30, 40], 0.9),
    detection(1, [0, 0, 5, 5], 0.2),
    detection(1, [0, 0, 50, 50], 0.8, category=4),
    detection(2, [1, 1, 3, 2], 0.5),
    detection(1, [4, 4, 0, 0], 0.7),
]


def test_people_are_the_boxes_found(birds: Path):
    data = load(birds, ROWS)
    assert data.people.ids.tolist() == ["2/0", "1/0", "2/1"]
    assert data.people.boxes.tolist() == [[10, 20, 40, 60], [0, 0, 5, 5], [1, 1, 4, 3]]
    np.testing.assert_allclose(data.people.box_scores, [0.9, 0.2, 0.5])
    assert data.people.visible.shape == (3, 2)
    assert (data.people.visible == 0).all()
    assert (data.people.keypoints == 0).all()
    assert data[0]["image_path"].endswith("2.jpg")
    assert data.left_out == 1
    assert data.protocol == "boxes of found.json with scores from 0"


def test_a_threshold_changes_no_names(birds: Path):
    data = load(birds, ROWS, min_score=0.5)
    assert data.people.ids.tolist() == ["2/0", "2/1"]
    assert data.protocol.endswith("with scores from 0.5")
    assert data.fingerprint() != load(birds, ROWS).fingerprint()
    first = load(birds, ROWS).fingerprint()
    assert load(birds, ROWS[:-1]).fingerprint() != first


def test_truth_knows_the_images_in_which_nobody_is_annotated(birds: Path):
    truth = load(birds, ROWS).truth
    assert truth.ids.tolist() == ["5", "2/nobody", "3/nobody"]
    assert truth.image_ids.tolist() == ["1", "2", "3"]
    assert truth.visible.tolist() == [[2, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"annotations": []}, "is not a detector's results; give a list of detections"),
        ([{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}], "detection 1 has no 'score'"),
        ([detection(9, [1, 2, 3, 4]), detection(8, [1, 2, 3, 4])], "names 2 images .* first is 9"),
        ([detection(1, [1, 2, 3])], "a 'bbox' is not 4 numbers"),
        ([detection(1, [1, 2, "wide", 3])], "a 'bbox' is not 4 numbers"),
        ([detection(1, [1, 2, -3, 3])], "a 'bbox' has a negative side"),
        ([detection(1, [1, 2, 3, 4], score=None)], "a 'score' is not finite"),
    ],
)
def test_bad_results_are_refused_in_one_sentence(birds: Path, rows, message):
    with pytest.raises(ValueError, match=r"found\.json: .*" + message) as error:
        load(birds, rows)
    assert "\n" not in str(error.value)


def test_an_empty_file_is_a_data_set_of_nobody(birds: Path):
    assert len(load(birds, [])) == 0


def test_average_precision_is_pycocotools_for_images_without_people(
    data_root: Path, tmp_path: Path
):
    """Poses in images without annotations count as wrong, as they do with all images at once."""
    if not (data_root / "coco_mini").is_dir():
        pytest.skip("needs coco_mini in POSEFORGE_DATA")
    source = data_root / "coco_mini" / "annotations" / "person_keypoints_train2017.json"
    document = json.loads(source.read_text())
    bare = {row["id"] for row in document["images"][:6]}
    document["annotations"] = [r for r in document["annotations"] if r["image_id"] not in bare]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(document))
    rng = np.random.default_rng(0)
    annotated = json.loads(source.read_text())["annotations"]
    found = [
        detection(row["image_id"], row["bbox"], float(rng.uniform(0.1, 1)), category=1)
        for row in annotated
    ]
    (tmp_path / "found.json").write_text(json.dumps(found))
    images = data_root / "coco_mini" / "train2017"
    data = CocoStyle(path, images, skeleton="coco17", detections=tmp_path / "found.json")
    truth = np.array([row["keypoints"] for row in annotated], float).reshape(-1, 17, 3)
    poses = (truth[..., :2] + rng.normal(0, 4, truth[..., :2].shape)).astype(np.float32)
    detections = as_detections(poses, np.ones(poses.shape[:2], np.float32), data.people)
    report = OKSAP().of_detections(detections, data.truth, data.skeleton)
    results = [
        {
            "image_id": int(image),
            "category_id": 1,
            "keypoints": [float(number) for x, y in pose for number in (x, y, 1)],
            "score": float(score),
        }
        for image, pose, score in zip(
            detections.image_ids, detections.keypoints, detections.person_scores, strict=True
        )
    ]
    sigmas = np.array(data.skeleton.sigmas)
    expected = plain_pycocotools(document, results, sigmas).stats[0]
    assert report.values["AP"] == pytest.approx(100 * expected, abs=1e-9)
    inside = [row for row in results if row["image_id"] not in bare]
    lenient = plain_pycocotools(document, inside, sigmas).stats[0]
    assert lenient > expected + 0.02  # the images without people do matter


def test_coco_takes_detections(data_root: Path, tmp_path: Path):
    if not (data_root / "coco_mini").is_dir():
        pytest.skip("needs coco_mini in POSEFORGE_DATA")
    path = tmp_path / "found.json"
    path.write_text(json.dumps([detection(535506, [1, 2, 30, 40], category=1)]))
    data = CocoKeypoints("train", data_root=data_root, folder="coco_mini", detections=path)
    assert data.people.ids.tolist() == ["535506/0"]
    assert len(data.truth) == 147
