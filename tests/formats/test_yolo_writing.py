import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from poseforge.formats import Annotations, read_coco, write_coco
from poseforge.formats.yolo import read_yolo
from poseforge.formats.yolo_writing import write_yolo
from poseforge.structures import SKELETONS, Skeleton


def link_images(annotations: Annotations, folder: Path) -> None:
    for path in annotations.images.paths.tolist():
        folder.mkdir(parents=True, exist_ok=True)
        os.symlink(path, folder / Path(path).name)


@pytest.fixture
def mini(coco_mini):
    source = coco_mini / "annotations" / "person_keypoints_train2017.json"
    return read_coco(source, image_root=coco_mini / "train2017")


def test_coco_as_yolo_is_what_ultralytics_converts_it_to(mini, tmp_path):
    write_yolo(mini, tmp_path, "val")
    sizes = dict(zip(mini.images.ids.tolist(), mini.images.sizes.tolist(), strict=True))
    expected: dict[str, list[list[float]]] = {}
    people = mini.people[~mini.people.crowd]
    for box, points, visible, name in zip(
        people.boxes.astype(float), people.keypoints.astype(float), people.visible,
        people.image_ids.tolist(), strict=True,
    ):  # fmt: skip
        (x1, y1, x2, y2), (width, height) = box, sizes[name]
        row = [0, (x1 + x2) / 2 / width, (y1 + y2) / 2 / height]
        row += [(x2 - x1) / width, (y2 - y1) / height]
        for (x, y), flag in zip(points, visible, strict=True):
            row += [x / width, y / height, flag]
        expected.setdefault(name, []).append(row)
    for name, path in zip(mini.images.ids.tolist(), mini.images.paths.tolist(), strict=True):
        file = tmp_path / "labels" / "val" / f"{Path(path).stem}.txt"
        rows = [
            [float(number) for number in line.split()] for line in file.read_text().splitlines()
        ]
        np.testing.assert_allclose(rows, expected.get(name, []), atol=1e-6)


def test_the_real_file_comes_back_through_yolo_and_coco(mini, tmp_path, assert_same):
    write_yolo(mini, tmp_path / "yolo", "train")
    link_images(mini, tmp_path / "yolo" / "images" / "train")
    read = read_yolo(tmp_path / "yolo", split="train")
    kept = mini.people[~mini.people.crowd]
    assert read.skeleton is SKELETONS["coco17"]
    assert len(read.people) == len(kept) == 142
    order = np.lexsort((np.arange(len(kept)), kept.image_paths))
    names = [Path(path).name for path in read.people.image_paths.tolist()]
    assert names == [Path(path).name for path in kept.image_paths[order].tolist()]
    np.testing.assert_allclose(read.people.keypoints, kept.keypoints[order], atol=1e-3)
    np.testing.assert_array_equal(read.people.visible, kept.visible[order])
    np.testing.assert_allclose(read.people.boxes, kept.boxes[order], atol=1e-3)

    # YOLO to COCO to YOLO: the label files are the same to the last digit.
    write_coco(read, tmp_path / "coco.json")
    write_yolo(read_coco(tmp_path / "coco.json"), tmp_path / "again", "train")
    first, second = (sorted((tmp_path / name / "labels").rglob("*")) for name in ("yolo", "again"))
    assert len(first) == len(second) == 29
    for one, other in zip(first[1:], second[1:], strict=True):
        before, after = (np.array(file.read_text().split(), dtype=float) for file in (one, other))
        np.testing.assert_allclose(before, after, atol=2e-7)


def test_what_is_left_out(three_people, tmp_path):
    keypoints = three_people.people.keypoints.copy()
    visible = np.full((3, 14), 2, dtype=np.float32)
    keypoints[0, :3] = [[-0.5, 5], [5, 100.5], [100, 100]]
    boxes = np.array([[-5, 50, 50, 150], [100, 10, 130, 40], [0, 0, 9, 9]], dtype=np.float32)
    people = replace(three_people.people, keypoints=keypoints, visible=visible, boxes=boxes)
    write_yolo(replace(three_people, people=people), tmp_path / "yolo")
    labels = tmp_path / "yolo" / "labels" / "train"
    assert [file.name for file in sorted(labels.iterdir())] == ["a.txt", "b.txt", "c.txt"]
    assert (labels / "b.txt").read_text() == (labels / "c.txt").read_text() == ""
    (row,) = (labels / "a.txt").read_text().splitlines()
    numbers = [float(number) for number in row.split()]
    assert numbers[:5] == [0, 0.25, 0.75, 0.5, 0.5]
    assert numbers[5:14] == [0, 0, 0, 0, 0, 0, 1, 1, 2]
    assert all(0 <= number <= 1 for number in numbers[3::3])


def test_the_settings_and_a_second_split(three_people, tmp_path):
    write_yolo(three_people, tmp_path, "train")
    write_yolo(three_people, tmp_path, "val")
    skeleton = three_people.skeleton
    assert yaml.safe_load((tmp_path / "data.yaml").read_text()) == {
        "names": {0: "person"},
        "kpt_shape": [14, 3],
        "flip_idx": [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13],
        "kpt_names": {0: list(skeleton.keypoints)},
        "train": "images/train",
        "val": "images/val",
    }
    first, second = tmp_path / "labels" / "train", tmp_path / "labels" / "val"
    assert (first / "a.txt").read_bytes() == (second / "a.txt").read_bytes()


def test_nothing_is_written_over_or_mixed(three_people, tmp_path):
    write_yolo(three_people, tmp_path, "train")
    with pytest.raises(FileExistsError, match="labels/train exists"):
        write_yolo(three_people, tmp_path, "train")
    other = replace(three_people, skeleton=Skeleton("x", tuple("abcdefghijklmn")))
    with pytest.raises(ValueError, match="of another data set: flip_idx, kpt_names would differ"):
        write_yolo(other, tmp_path, "val")
    assert not (tmp_path / "labels" / "val").exists()


def test_images_of_several_folders_keep_them(three_people, tmp_path):
    paths = np.array(["/d/one/a.jpg", "/d/two/a.jpg", "/d/two/b.jpg"])
    images = replace(three_people.images, paths=paths)
    write_yolo(replace(three_people, images=images), tmp_path)
    labels = tmp_path / "labels" / "train"
    files = sorted(str(file.relative_to(labels)) for file in labels.rglob("*.txt"))
    assert files == ["one/a.txt", "two/a.txt", "two/b.txt"]


def test_sizes_must_be_known_and_names_must_differ(three_people, tmp_path):
    images = three_people.images
    sizes = images.sizes.copy()
    sizes[1] = 0
    with pytest.raises(ValueError, match=r"size of image .*b.jpg is not known"):
        write_yolo(replace(three_people, images=replace(images, sizes=sizes)), tmp_path / "x")
    paths = np.array(["/d/a.jpg", "/d/a.png", "/d/b.jpg"])
    with pytest.raises(ValueError, match=r"two images would have the labels a.txt"):
        write_yolo(replace(three_people, images=replace(images, paths=paths)), tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_small_set_comes_back(three_people, tmp_path):
    (tmp_path / "pictures").mkdir()
    for path, size in zip(three_people.images.paths, three_people.images.sizes, strict=True):
        Image.new("L", tuple(size.tolist())).save(path)
    write_yolo(three_people, tmp_path / "yolo")
    link_images(three_people, tmp_path / "yolo" / "images" / "train")
    read = read_yolo(tmp_path / "yolo" / "data.yaml")
    assert read.skeleton == three_people.skeleton
    np.testing.assert_array_equal(read.images.sizes, three_people.images.sizes)
    people = three_people.people[:2]
    np.testing.assert_allclose(read.people.keypoints, people.keypoints, atol=1e-5)
    np.testing.assert_array_equal(read.people.visible, people.visible)
    np.testing.assert_allclose(read.people.boxes, people.boxes, atol=1e-5)
