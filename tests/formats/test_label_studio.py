import json

import numpy as np
import pytest

from poseforge.formats.label_studio import read_label_studio
from poseforge.structures import SKELETONS, Skeleton

WIDTH, HEIGHT = 200, 400


def region(kind, name, value, **more):
    return {
        "original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0,
        "value": value, "id": name, "from_name": "tag", "to_name": "img", "type": kind,
        "origin": "manual", **more,
    }  # fmt: skip


def point(name, label, x, y, **more):
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [label]}
    return region("keypointlabels", name, value, **more)


def box(name, x, y, width, height, **value):
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0, **value}
    return region("rectanglelabels", name, {**value, "rectanglelabels": ["Person"]})


def relation(one, other):
    return {"from_id": one, "to_id": other, "type": "relation", "direction": "right"}


def task(number, *regions, image="/data/upload/3/1a2b3c4d-picture%20one.jpg", **more):
    annotation = {"id": 90 + number, "result": list(regions), "was_cancelled": False}
    return {
        "id": number, "annotations": [annotation], "file_upload": "x.jpg", "drafts": [],
        "predictions": [], "data": {"image": image, "note": "a text"}, "meta": {}, **more,
    }  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def write_and_read(*tasks, **options):
        path = tmp_path / "export.json"
        path.write_text(json.dumps(tasks))
        return read_label_studio(path, **options)

    return write_and_read


def test_one_person_an_image_without_rectangles(read, tmp_path):
    brush = region("brushlabels", "r", {"format": "rle", "rle": [1], "brushlabels": ["Sky"]})
    annotations = read(
        task(7, point("a", "Left eye", 10, 25), brush, point("b", "Nose", 50.5, 50)),
        task(8, point("c", "Right eye", 1, 1)),
        task(9),
    )
    assert annotations.skeleton.keypoints == ("Left eye", "Nose", "Right eye")
    assert annotations.skeleton.pairs == (("Left eye", "Right eye"),)
    people, images = annotations.people, annotations.images
    assert images.ids.tolist() == ["7", "8", "9"]
    assert images.paths.tolist() == [str(tmp_path / "1a2b3c4d-picture one.jpg")] * 3
    assert images.sizes.tolist() == [[WIDTH, HEIGHT], [WIDTH, HEIGHT], [0, 0]]
    assert people.ids.tolist() == ["7/0", "8/0"]
    assert people.keypoints.tolist() == [
        [[20, 100], [101, 200], [0, 0]],
        [[0] * 2, [0] * 2, [2, 4]],
    ]
    assert people.visible.tolist() == [[2, 2, 0], [0, 0, 2]]
    assert people.boxes.tolist() == [[20, 100, 101, 200], [2, 4, 2, 4]]


def test_rectangles_are_people_and_keypoints_are_their_parts(read):
    people = read(
        task(
            1,
            point("a", "nose", 20, 20, parentID="r2"),
            box("r1", 10, 10, 30, 40),
            box("r2", 15, 15, 50, 60),
            point("b", "nose", 16, 16),
            relation("b", "r1"),
            box("r3", 0, 0, 5, 5),
        )
    ).people
    expected = [[20, 40, 80, 200], [30, 60, 130, 300], [0, 0, 10, 20]]
    np.testing.assert_allclose(people.boxes, expected, rtol=1e-6)
    np.testing.assert_allclose(people.keypoints[:, 0], [[32, 64], [40, 80], [0, 0]], rtol=1e-6)
    assert people.visible.tolist() == [[2], [2], [0]]


def test_keypoints_without_relation_go_to_the_rectangle_that_holds_them(read):
    regions = [
        box("r1", 0, 0, 40, 40), box("r2", 30, 30, 40, 40),
        point("a", "nose", 10, 10), point("b", "nose", 60, 60),
    ]  # fmt: skip
    people = read(task(1, *regions)).people
    assert people.keypoints[:, 0].tolist() == [[20, 40], [120, 240]]
    for x, found in ((35, 2), (90, 0)):
        with pytest.raises(ValueError, match=f"task 1: keypoint 'ear' lies in {found} of 2 rectan"):
            read(task(1, *regions, point("c", "ear", x, x)))


def test_the_one_rectangle_takes_keypoints_outside_of_it(read):
    people = read(task(1, box("r", 0, 0, 10, 10), point("a", "nose", 50, 50))).people
    assert people.boxes.tolist() == [[0, 0, 20, 40]]
    assert people.keypoints.tolist() == [[[100, 200]]]


def test_keypoints_related_to_each_other_are_a_person(read):
    regions = [
        point("a", "nose", 1, 1), point("b", "ear", 2, 2), point("c", "nose", 3, 3),
        point("d", "ear", 4, 4), point("e", "eye", 5, 5),
        relation("a", "b"), relation("d", "c"), relation("e", "d"),
    ]  # fmt: skip
    people = read(task(1, *regions)).people
    assert people.visible.tolist() == [[2, 2, 0], [2, 2, 2]]
    assert people.keypoints[1].tolist() == [[6, 12], [8, 16], [10, 20]]
    with pytest.raises(ValueError, match="some keypoints are related to others and some are not"):
        read(task(1, *regions[:-1]))


def test_labels_of_a_known_skeleton_are_in_its_order(read):
    names = SKELETONS["lsp14"].keypoints[::-1]
    regions = [point(str(n), name, n, n) for n, name in enumerate(names)]
    annotations = read(task(1, *regions))
    assert annotations.skeleton is SKELETONS["lsp14"]
    np.testing.assert_allclose(annotations.people.keypoints[0, :, 0], np.arange(14)[::-1] * 2)


def test_a_skeleton_given_must_have_the_labels(read):
    given = Skeleton("mine", ("ear", "nose"))
    people = read(task(1, point("a", "nose", 5, 5)), skeleton=given).people
    assert people.visible.tolist() == [[0, 2]]
    with pytest.raises(ValueError, match="keypoint 'tail', which skeleton 'mine' lacks"):
        read(task(1, point("a", "tail", 5, 5)), skeleton=given)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/data/local-files/?d=set%2Fone/a.png", "set/one/a.png"),
        ("https://example.com/files/b.JPG?token=4", "b.JPG"),
        ("s3://bucket/folder/c.webp", "c.webp"),
    ],
)
def test_where_images_are(read, url, path):
    images = read(task(1, point("a", "nose", 5, 5), image=url), image_root="/data").images
    assert images.paths.tolist() == [f"/data/{path}"]


def test_skipped_annotations_do_not_count(read):
    skipped = {"id": 5, "result": [point("z", "nose", 9, 9)], "was_cancelled": True}
    one = task(1, point("a", "nose", 5, 5))
    one["annotations"].insert(0, skipped)
    assert read(one).people.keypoints.tolist() == [[[10, 20]]]
    del skipped["was_cancelled"]
    with pytest.raises(ValueError, match="task 1: it has 2 annotations"):
        read(one)


def broken(**changes):
    return {**point("a", "nose", 5, 5), **changes}


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ([point("a", "nose", 1, 1), point("b", "nose", 2, 2)], "two keypoints 'nose'"),
        ([broken(value={"x": 1, "y": 1})], "a keypoint has the labels None"),
        ([broken(value={"y": 1})], "a region lacks a number .'x'.; it needs value"),
        ([broken(original_width=None)], "a region lacks a number"),
        ([broken(image_rotation=90)], "the image was rotated"),
        ([broken(id="")], "a region has no id"),
        ([point("a", "nose", float("nan"), 1)], "coordinate is not finite"),
        ([box("r", 0, 0, 5, 5, rotation=30)], "a rectangle is rotated"),
        ([box("r", 0, 0, 5, 5), box("q", 0, 0, 5, 5), relation("r", "q")], "two rectangles"),
        ([box("r", 0, 0, 5, 5)], "it has no keypoint"),
    ],
)
def test_bad_regions_are_one_sentence(read, regions, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(task(4, *regions))
    assert "export.json: " in str(caught.value)


def test_files_of_another_kind(read, tmp_path):
    with pytest.raises(ValueError, match="not as 'JSON-MIN'"):
        read({"id": 1, "image": "a.jpg", "kp": [{"x": 1, "y": 2, "keypointlabels": ["nose"]}]})
    with pytest.raises(ValueError, match="names 0 images"):
        read(task(1, point("a", "nose", 5, 5), image="text"))
    with pytest.raises(ValueError, match="two images have the id 1"):
        read(task(1, point("a", "nose", 5, 5)), task(1))
    (tmp_path / "cut.json").write_text('[{"id": 1, "annotations"')
    with pytest.raises(ValueError, match="is not whole JSON"):
        read_label_studio(tmp_path / "cut.json")
