from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from poseforge.formats.yolo import read_yolo
from poseforge.structures import SKELETONS, Skeleton

WIDTH, HEIGHT = 200, 100
HAND = {
    "path": ".",
    "train": "images/train",
    "val": "images/val",
    "names": {0: "hand"},
    "kpt_shape": [3, 3],
    "flip_idx": [1, 0, 2],
}
LABELS = (
    "0 0.5 0.5 0.2 0.4 0.25 0.5 2 0.75 0.1 1 0 0 0\n1 0.1 0.2 0.2 0.4 0 0 0 0 0 0 0.01 0.02 2\n"
)


def picture(path: Path, size=(WIDTH, HEIGHT), **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size).save(path, **options)


@pytest.fixture
def data(tmp_path):
    """Write a data set with one labelled and one empty image; settings and labels on request."""

    def write(labels=LABELS, **settings):
        picture(tmp_path / "images" / "train" / "sub" / "a.jpg")
        picture(tmp_path / "images" / "train" / "b.png", (30, 40))
        folder = tmp_path / "labels" / "train" / "sub"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.txt").write_text(labels)
        chosen = {key: value for key, value in {**HAND, **settings}.items() if value is not None}
        (tmp_path / "hand.yaml").write_text(yaml.safe_dump(chosen))
        return tmp_path / "hand.yaml"

    return write


def test_every_field_of_a_small_data_set(data, tmp_path):
    annotations = read_yolo(data())
    skeleton, images, people = annotations.skeleton, annotations.images, annotations.people
    assert skeleton.keypoints == ("keypoint_1", "keypoint_2", "keypoint_3")
    assert skeleton.pairs == (("keypoint_1", "keypoint_2"),)
    assert images.ids.tolist() == ["images/train/b.png", "images/train/sub/a.jpg"]
    assert images.paths.tolist() == [str(tmp_path / name) for name in images.ids.tolist()]
    assert images.sizes.tolist() == [[30, 40], [WIDTH, HEIGHT]]
    assert people.image_ids.tolist() == ["images/train/sub/a.jpg"] * 2
    assert people.ids.tolist() == ["images/train/sub/a.jpg/0", "images/train/sub/a.jpg/1"]
    np.testing.assert_allclose(people.boxes, [[80, 30, 120, 70], [0, 0, 40, 40]], atol=1e-5)
    assert people.visible.tolist() == [[2, 1, 0], [0, 0, 2]]
    expected = [[[50, 50], [150, 10], [0, 0]], [[0, 0], [0, 0], [2, 2]]]
    np.testing.assert_allclose(people.keypoints, expected, atol=1e-5)


def test_the_folder_is_as_good_as_its_yaml_file(data, tmp_path, assert_same):
    assert_same(read_yolo(data()), read_yolo(tmp_path))
    (tmp_path / "other.yaml").write_text("")
    with pytest.raises(FileNotFoundError, match="has 2 YAML files"):
        read_yolo(tmp_path)


def test_points_without_visibility(data):
    labels = "0 .5 .5 .2 .4 .25 .5 0 0 -1 -1\n"
    people = read_yolo(data(labels, kpt_shape=[3, 2])).people
    assert people.visible.tolist() == [[2, 0, 0]]
    assert people.keypoints[0].tolist() == [[50, 50], [0, 0], [0, 0]]


@pytest.mark.parametrize("names", [["tip_r", "tip_l", "palm"], {0: ["tip_r", "tip_l", "palm"]}])
def test_names_of_keypoints_tell_which_side_is_left(data, names):
    skeleton = read_yolo(data(kpt_names=names)).skeleton
    assert skeleton.keypoints == ("tip_r", "tip_l", "palm")
    assert skeleton.pairs == (("tip_l", "tip_r"),)
    assert read_yolo(data(kpt_names=names, flip_idx=None)).skeleton == skeleton
    assert read_yolo(data(kpt_names=names, flip_idx=[0, 1, 2])).skeleton.pairs == ()


def test_the_coco_data_set_of_ultralytics_is_coco17(data):
    coco = SKELETONS["coco17"]
    row = "0 .5 .5 .1 .1 " + " ".join(["0.5 0.5 2"] * 17)
    flip = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    settings = dict(kpt_shape=[17, 3], flip_idx=flip)
    assert read_yolo(data(row, **settings, kpt_names={0: list(coco.keypoints)})).skeleton is coco
    assert read_yolo(data(row, **settings), skeleton=coco).skeleton is coco


def test_a_skeleton_given_must_fit(data):
    given = Skeleton("mine", ("a", "b", "c"), pairs=(("a", "b"),))
    assert read_yolo(data(), skeleton=given).skeleton is given
    with pytest.raises(ValueError, match="it has 3 keypoints; skeleton 'lsp14' has 14"):
        read_yolo(data(), skeleton=SKELETONS["lsp14"])
    with pytest.raises(ValueError, match="it has 3 keypoints: x, y, z; skeleton 'mine' has 3: a"):
        read_yolo(data(kpt_names=["x", "y", "z"]), skeleton=given)
    with pytest.raises(ValueError, match=r"flip_idx is \[1, 0, 2\], but that of skeleton 'mine'"):
        read_yolo(data(), skeleton=Skeleton("mine", ("a", "b", "c")))


def test_sizes_are_those_of_the_image_as_it_is_shown(data, tmp_path):
    file = data("0 .5 .5 1 1 .5 .25 2 0 0 0 0 0 0\n")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(tmp_path / "images" / "train" / "sub" / "a.jpg", (WIDTH, HEIGHT), exif=exif)
    annotations = read_yolo(file)
    assert annotations.images.sizes[1].tolist() == [HEIGHT, WIDTH]
    assert annotations.people.boxes.tolist() == [[0, 0, HEIGHT, WIDTH]]


def test_lists_of_images_and_several_places(data, tmp_path, assert_same):
    file = data()
    (tmp_path / "train.txt").write_text("./images/train/b.png\n./images/train/sub/a.jpg\n")
    listed = data(train="train.txt")
    assert read_yolo(listed).images.ids.tolist() == ["images/train/b.png", "images/train/sub/a.jpg"]
    picture(tmp_path / "more" / "images" / "c.jpg")
    (tmp_path / "more" / "labels").mkdir()
    (tmp_path / "more" / "labels" / "c.txt").write_text(LABELS)
    annotations = read_yolo(data(train=["train.txt", "more/images"]))
    assert annotations.images.ids.tolist()[-1] == "more/images/c.jpg"
    assert len(annotations.people) == 4
    assert file == listed


def test_the_layout_of_roboflow(data, tmp_path):
    picture(tmp_path / "train" / "images" / "a.jpg")
    (tmp_path / "train" / "labels").mkdir(parents=True)
    (tmp_path / "train" / "labels" / "a.txt").write_text(LABELS)
    annotations = read_yolo(data(path=None, train="../train/images"))
    assert annotations.images.ids.tolist() == ["train/images/a.jpg"]
    assert len(annotations.people) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(kpt_shape=None), r"kpt_shape is None; a pose data set has \[K, 2\]"),
        (dict(train={"a": "b"}), "neither a folder or list of images nor several"),
        (dict(kpt_shape=[3, 4]), "kpt_shape is"),
        (dict(flip_idx=[0, "1", 2]), "must have each of 0 to 2 once"),
        (dict(flip_idx=[0, 1]), "must have each of 0 to 2 once"),
        (dict(flip_idx=[1, 2, 0]), "flip_idx mirrors the keypoints 0, 1, 2 onto others"),
        (dict(kpt_names=["a"]), "kpt_names has 1 names, but kpt_shape 3"),
        (dict(kpt_names={0: list("abc"), 1: list("abd")}), "differs between the classes"),
    ],
)
def test_bad_settings_are_one_sentence(data, settings, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_yolo(data(**settings))
    assert "hand.yaml: " in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("0 .5 .5 .1 .1\n", "row 1 has 5 numbers; with this kpt_shape it needs 14"),
        (LABELS.replace("0.25", "x"), "it has something that is no number"),
        (LABELS.replace("0.25", "nan"), "not finite"),
        (LABELS.replace("0.25", "50"), "must be divided by the image's width"),
        (LABELS.replace("0.2 0.4", "-0.2 0.4"), "far outside 0..1"),
        (LABELS.replace("0.5 2", "0.5 0.93"), "visibility is not 0, 1 or 2"),
    ],
)
def test_bad_labels_are_one_sentence(data, labels, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_yolo(data(labels))
    assert "a.txt: " in str(caught.value)


def test_bad_files(data, tmp_path):
    file = data()
    with pytest.raises(FileNotFoundError, match="no images for split 'test'; it has train, val"):
        read_yolo(file, split="test")
    with pytest.raises(FileNotFoundError, match="which does not exist; mend 'path'"):
        read_yolo(file, split="val")
    with pytest.raises(FileNotFoundError, match="has 0 YAML files"):
        read_yolo(tmp_path / "images")
    (tmp_path / "images" / "train" / "b.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"b.png is damaged or not an image"):
        read_yolo(file)
    file.write_text("a: [")
    with pytest.raises(ValueError, match="is not YAML") as caught:
        read_yolo(file)
    assert "\n" not in str(caught.value)
    file.write_text("text")
    with pytest.raises(ValueError, match="it is not the YAML file of a data set"):
        read_yolo(file)
