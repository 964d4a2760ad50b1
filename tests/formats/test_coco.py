import json
import time
from copy import deepcopy

import numpy as np
import pytest

from poseforge.formats import read_coco
from poseforge.structures import SKELETONS, Skeleton

HAND = {
    "info": {},
    "images": [
        {"id": 7, "file_name": "sub/a.jpg", "width": 640, "height": 480},
        {"id": 9, "file_name": "b.jpg"},
    ],
    "annotations": [
        {
            "id": 11, "image_id": 9, "category_id": 3, "iscrowd": 0, "area": 50.5,
            "keypoints": [1, 2, 2, 3, 4, 1, 99, 99, 0], "num_keypoints": 2,
            "bbox": [0.5, 1, 10, 20],
        },
        {
            "id": 12, "image_id": 9, "category_id": 3, "iscrowd": 1,
            "keypoints": [0] * 9, "bbox": [5, 5, 1, 0],
        },
        {"id": 13, "image_id": 7, "category_id": 3, "keypoints": [4, 9, 2, 6, 1, 2, 0, 0, 0]},
        {"id": 14, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2]},
        {"id": 15, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]},
    ],
    "categories": [
        {"id": 1, "name": "ball"},
        {
            "id": 3, "name": "hand", "keypoints": ["left_tip", "right_tip", "palm"],
            "skeleton": [[1, 3], [3, 2]],
        },
    ],
}  # fmt: skip


@pytest.fixture
def document():
    return deepcopy(HAND)


@pytest.fixture
def read(tmp_path):
    def write_and_read(document, **options):
        path = tmp_path / "annotations.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return read_coco(path, **options)

    return write_and_read


def test_every_field_of_a_small_file(read, document, tmp_path):
    annotations = read(document)
    skeleton, images, people = annotations.skeleton, annotations.images, annotations.people
    assert skeleton.name == "hand"
    assert skeleton.pairs == (("left_tip", "right_tip"),)
    assert skeleton.links == (("left_tip", "palm"), ("palm", "right_tip"))
    assert images.ids.tolist() == ["7", "9"]
    assert images.paths.tolist() == [str(tmp_path / "sub" / "a.jpg"), str(tmp_path / "b.jpg")]
    assert images.sizes.tolist() == [[640, 480], [0, 0]]
    assert people.ids.tolist() == ["11", "12", "13", "14"]
    assert people.image_ids.tolist() == ["9", "9", "7", "7"]
    assert people.image_paths.tolist() == images.paths[[1, 1, 0, 0]].tolist()
    assert people.keypoints[0].tolist() == [[1, 2], [3, 4], [0, 0]]
    assert people.visible.tolist() == [[2, 1, 0], [0, 0, 0], [2, 2, 0], [0, 0, 0]]
    assert people.boxes.tolist() == [[0.5, 1, 10.5, 21], [5, 5, 6, 5], [4, 1, 6, 9], [1, 1, 3, 3]]
    np.testing.assert_array_equal(people.areas, np.float32([50.5, np.nan, np.nan, np.nan]))
    assert people.crowd.tolist() == [False, True, False, False]
    dtypes = [getattr(people, name).dtype for name in ("keypoints", "visible", "boxes", "areas")]
    assert set(dtypes) == {np.dtype(np.float32)}


def test_the_real_file_agrees_with_pycocotools(coco_mini):
    pycoco = pytest.importorskip("pycocotools.coco")
    path = coco_mini / "annotations" / "person_keypoints_train2017.json"
    annotations = read_coco(path, image_root=coco_mini / "train2017")
    truth = pycoco.COCO(str(path))
    people = annotations.people
    assert len(annotations.images) == len(truth.imgs) == 28
    assert len(people) == len(truth.anns) == 147
    assert annotations.skeleton is SKELETONS["coco17"]
    assert people.crowd.sum() == 5
    for row, name in enumerate(people.ids.tolist()):
        annotation = truth.anns[int(name)]
        x, y, width, height = annotation["bbox"]
        np.testing.assert_allclose(people.boxes[row], [x, y, x + width, y + height], rtol=1e-6)
        own = np.column_stack([people.keypoints[row], people.visible[row]])
        np.testing.assert_array_equal(own.ravel(), annotation["keypoints"])
        assert people.areas[row] == np.float32(annotation["area"])
        assert people.image_ids[row] == str(annotation["image_id"])
        assert people.image_paths[row].endswith(truth.imgs[annotation["image_id"]]["file_name"])


def test_images_are_counted_from_the_root_that_is_given(read, document, tmp_path):
    annotations = read(document, image_root=tmp_path / "else")
    assert annotations.images.paths[1] == str(tmp_path / "else" / "b.jpg")


def test_a_given_skeleton_must_have_the_same_names_in_the_same_order(read, document):
    given = Skeleton("mine", ("left_tip", "right_tip", "palm"), sigmas=(0.1, 0.1, 0.1))
    assert read(document, skeleton=given).skeleton is given
    other = Skeleton("mine", ("right_tip", "left_tip", "palm"))
    with pytest.raises(ValueError, match="names and order must be the same"):
        read(document, skeleton=other)


def test_a_given_skeleton_names_what_the_category_does_not(read, document):
    del document["categories"][1]["keypoints"]
    with pytest.raises(ValueError, match="no category names its keypoints; give the skeleton"):
        read(document)
    given = Skeleton("mine", ("a", "b", "c"))
    assert read(document, skeleton=given).people.ids.tolist() == ["11", "12", "13", "14"]
    with pytest.raises(ValueError, match="annotation 11 has 9 numbers in 'keypoints'; it needs 6"):
        read(document, skeleton=Skeleton("mine", ("a", "b")))


def test_categories_with_the_same_keypoints_are_one_skeleton(read, document):
    document["categories"].append({**document["categories"][1], "id": 4, "name": "paw"})
    document["annotations"][0]["category_id"] = 4
    assert read(document).people.ids.tolist() == ["11", "12", "13", "14"]
    document["categories"][2]["keypoints"] = ["tip"]
    with pytest.raises(ValueError, match="'hand' and 'paw' have different keypoints"):
        read(document)


def test_a_file_without_people_has_its_images(read, document):
    document["annotations"] = []
    annotations = read(document)
    assert len(annotations.images) == 2
    assert annotations.people.keypoints.shape == (0, 3, 2)
    assert annotations.people.boxes.shape == (0, 4)


def change(place, key, value):
    def apply(document):
        document[place][0][key] = value

    return apply


BAD = {
    "keypoints": [
        ([1, 2, 2], "annotation 11 has 3 numbers in 'keypoints'; it needs 9"),
        ("abc", "annotation 11 has no list in 'keypoints'"),
        ([float("nan"), 2, 2, *[0] * 6], "annotation 11 has a 'keypoints' that is not finite"),
        ([1e300, 2, 2, *[0] * 6], "annotation 11 has a 'keypoints' that is not finite"),
        ([None, 2, 2, *[0] * 6], "annotation 11 has a 'keypoints' that is not finite"),
        (["x", 2, 2, *[0] * 6], "annotation 11 has a 'keypoints' that is not of numbers"),
        ([[1], 2, 2, *[0] * 6], "annotation 11 has a 'keypoints' that is not of numbers"),
    ],
    "bbox": [
        ([1, 2, -3, 4], "annotation 11 has a 'bbox' with a negative side"),
        ([1, 2, 3], "annotation 11 has 3 numbers in 'bbox'; it needs 4"),
        ([1, 2, float("inf"), 4], "annotation 11 has a 'bbox' that is not finite"),
    ],
    "area": [
        (float("inf"), "annotation 11 has a 'area' that is not finite"),
        ("large", "annotation 11 has a 'area' that is not of numbers: large"),
        ({"a": 1}, "annotation 11 has a 'area' that is not of numbers"),
    ],
    "id": [
        (12, "two annotations have the id 12"),
        (None, "annotation number 1 has no 'id'"),
    ],
    "image_id": [
        (8, "annotation 11 is of image 8, which is not in the images"),
        (None, "annotation number 1 has no 'image_id'"),
    ],
}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [(key, value, message) for key, cases in BAD.items() for value, message in cases],
)
def test_a_damaged_annotation_is_one_sentence_with_the_file(read, document, key, value, message):
    document["annotations"][0][key] = value
    with pytest.raises(ValueError, match=message) as caught:
        read(document)
    assert str(caught.value).startswith("/")
    assert "annotations.json: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["images"][0].update(id=9), "two images have the id 9"),
        (lambda d: d["images"][0].pop("file_name"), "image number 1 has no 'file_name'"),
        (lambda d: d["images"][0].update(width=-4), "width or height"),
        (lambda d: d["categories"][1].update(skeleton=[[0, 1]]), "links the keypoints .0, 1."),
        (lambda d: d["categories"][1].update(skeleton=[[3, 4]]), "counted from 1"),
        (lambda d: d["categories"][1].update(skeleton=4), "counted from 1"),
        (lambda d: d["categories"][1].update(keypoints="a"), "not a list of names"),
        (lambda d: d["categories"][1].update(keypoints=["a", "a", "b"]), "names a keypoint twice"),
        (lambda d: d.pop("categories"), "no list of categories"),
        (lambda d: d.update(images=[1]), "no list of images"),
    ],
)
def test_a_damaged_document_is_one_sentence(read, document, edit, message):
    edit(document)
    with pytest.raises(ValueError, match=message):
        read(document)


def test_files_that_are_no_coco_files(read, document, tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_coco(tmp_path / "nowhere.json")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        read_coco(tmp_path)
    with pytest.raises(ValueError, match="is not whole JSON"):
        read(json.dumps(document)[:200])
    with pytest.raises(ValueError, match="is not whole JSON"):
        read("")
    with pytest.raises(ValueError, match="not a COCO annotation file"):
        read([{"image_id": 1, "keypoints": [], "score": 1}])
    for annotation in document["annotations"]:
        annotation.pop("keypoints", None)
    del document["categories"][1]["keypoints"]
    with pytest.raises(ValueError, match="no category names keypoints and no annotation has any"):
        read(document)


def test_a_large_file_is_read_about_as_fast_as_its_json(tmp_path):
    people = 20_000
    rng = np.random.default_rng(0)
    points = rng.integers(0, 640, (people, 51)).tolist()
    images = [{"id": n, "file_name": f"{n:012}.jpg", "width": 640, "height": 480} for n in range(9)]
    rows = [
        {"id": n, "image_id": n % 9, "category_id": 1, "keypoints": row, "bbox": row[:4]}
        for n, row in enumerate(points)
    ]
    names = list(SKELETONS["coco17"].keypoints)
    categories = [{"id": 1, "name": "person", "keypoints": names}]
    path = tmp_path / "big.json"
    path.write_text(json.dumps({"images": images, "annotations": rows, "categories": categories}))
    start = time.process_time()
    json.loads(path.read_bytes())
    parsing = time.process_time() - start
    start = time.process_time()
    annotations = read_coco(path)
    assert time.process_time() - start < 5 * parsing + 0.5
    np.testing.assert_array_equal(annotations.people.visible, np.array(points)[:, 2::3])
