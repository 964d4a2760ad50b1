import json

import numpy as np
import pytest

from poseforge.datasets.lint import choose, count, lint, read_document

CATEGORY = {
    "id": 1,
    "name": "fly",
    "keypoints": ["left_wing", "right_wing", "head"],
    "skeleton": [[1, 3]],
}
IMAGE = {"id": "a", "file_name": "a.jpg", "width": 40, "height": 30}
PERSON = {"id": 7, "image_id": "a", "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1, 0, 0, 0]}


def written(tmp_path, *, images=(IMAGE,), people=(PERSON,), categories=(CATEGORY,)):
    path = tmp_path / "flies.json"
    content = {"images": images, "annotations": people, "categories": categories}
    path.write_text(json.dumps(content))
    return path


def test_a_sound_file_is_read_as_written(tmp_path):
    material = read_document(written(tmp_path), tmp_path / "pictures").material
    assert material.name == "flies"
    assert material.skeleton.pairs == (("left_wing", "right_wing"),)
    assert material.skeleton.links == (("left_wing", "head"),)
    assert material.keypoints.tolist() == [[[1, 2], [3, 4], [0, 0]]]
    assert material.flags.tolist() == [[2, 1, 0]]
    assert np.isnan(material.boxes).all()
    assert np.isnan(material.counts).all()
    assert material.image_paths.tolist() == [str(tmp_path / "pictures" / "a.jpg")]
    assert material.sizes.tolist() == [[40, 30]]


def test_what_is_no_number_is_nan_and_a_box_of_it_infinite(tmp_path):
    odd = {
        **PERSON,
        "keypoints": [None, 2, "2", 3, float("nan"), 1, True, 0, 0],
        "bbox": [1, 2, "x", 4],
    }
    material = read_document(written(tmp_path, people=[odd])).material
    assert np.isnan(material.keypoints[0]).tolist() == [[True, False], [False, True], [True, False]]
    assert np.isnan(material.flags[0]).tolist() == [True, False, False]
    assert np.isinf(material.boxes).all()


def test_all_rules_cope_with_odd_numbers(tmp_path):
    keypoints = [None, float("inf"), 2, 1e9, -1e9, 7, 0.5, 0.25, 1]
    people = [{**PERSON, "keypoints": keypoints, "bbox": [1, 2, None, 4], "num_keypoints": "x"}]
    material = read_document(written(tmp_path, people=people)).material
    assert material.keypoints[0, 2].tolist() == [0.5, 0.25]
    findings = lint([material], choose(ignore=["PF0"]), lambda *_: None)[1]
    assert count(findings) == {"PF101": 1, "PF103": 1, "PF107": 2}


def test_what_is_missing_or_too_short_is_told_apart(tmp_path):
    people = [{"category_id": 1, "image_id": "a"}, {**PERSON, "bbox": [1, 2, 3], "keypoints": [1]}]
    material = read_document(written(tmp_path, images=[{"id": "a"}], people=people)).material
    assert material.ids.tolist() == ["#0", "7"]
    assert material.image_names.tolist() == ["a"]
    assert material.num_values.tolist() == [9, 1]
    assert np.isnan(material.boxes[0]).all()
    assert np.isinf(material.boxes[1]).all()
    assert not material.labelled.any()


def test_rows_count_among_all_annotations(tmp_path):
    car = {"id": 1, "image_id": "a", "category_id": 2, "bbox": [0, 0, 5, 5]}
    path = written(tmp_path, people=[car, PERSON], categories=[{"id": 2, "name": "car"}, CATEGORY])
    document = read_document(path)
    assert document.rows.tolist() == [1]
    assert document.material.ids.tolist() == ["7"]


def test_keypoints_without_names_are_counted(tmp_path):
    path = written(tmp_path, categories=[{"id": 1, "name": "fly"}])
    assert read_document(path).material.skeleton.keypoints == ("point_1", "point_2", "point_3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [', "is not whole JSON"),
        ("[]", "it has no list of images, so it is no COCO annotation file"),
        ('{"images": [], "annotations": [3], "categories": []}', "it has no list of annotations"),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1, "name": "car"}]}',
            "exactly one category must have keypoints, here it is none",
        ),
    ],
)
def test_what_is_no_keypoint_file_is_refused(tmp_path, text, message):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_document(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        read_document(tmp_path / "none.json")
