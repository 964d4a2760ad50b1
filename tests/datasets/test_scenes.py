import json

import cv2
import numpy as np
import pytest

from poseforge.datasets import Scenes, SyntheticPeople, build_loader
from poseforge.datasets.coco import CocoStyle
from poseforge.registry import DATASETS
from poseforge.structures import People
from poseforge.transforms import Crop, Flip, RandomCrop, Read
from poseforge.transforms.half_body import HalfBody

STICK = dict(name="stick", keypoints=("left", "right"), pairs=(("left", "right"),))


@pytest.fixture
def stick_file(tmp_path):
    """Four pictures: two people; one with nobody labelled and a crowd; one person; nobody."""
    for number in range(1, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((40, 60, 3), number, np.uint8))

    def person(image, keypoints, box, crowd=0):
        return {
            "image_id": image,
            "category_id": 1,
            "keypoints": keypoints,
            "num_keypoints": sum(flag > 0 for flag in keypoints[2::3]),
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": crowd,
        }

    annotations = [
        person(1, [10, 11, 2, 20, 21, 1], [5, 6, 20, 20]),
        person(3, [7, 8, 2, 0, 0, 0], [1, 2, 10, 10]),
        person(1, [30, 31, 2, 0, 0, 0], [25, 26, 10, 10]),
        person(2, [0, 0, 0, 0, 0, 0], [3, 4, 12, 14]),
        person(2, [0, 0, 0, 0, 0, 0], [30, 0, 20, 20], crowd=1),
    ]
    document = {
        "images": [
            {"id": number, "file_name": f"{number}.png", "width": 60, "height": 40}
            for number in range(1, 5)
        ],
        "categories": [{"id": 1, "name": "stick", "keypoints": ["left", "right"], "skeleton": []}],
        "annotations": [{"id": row, **each} for row, each in enumerate(annotations, start=1)],
    }
    path = tmp_path / "sticks.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def sticks(stick_file):
    return CocoStyle(stick_file, stick_file.parent, skeleton=STICK)


def test_a_sample_is_an_image_with_everyone(sticks):
    scenes = Scenes(sticks)
    assert scenes.sample_names.tolist() == ["1", "2", "3", "4"]
    assert len(scenes) == 4
    assert len(scenes.people) == 3
    assert len(scenes.truth) == 6  # and somebody who stands for the empty image
    first, second, third, fourth = scenes
    assert first["keypoints"].tolist() == [[[10, 11], [20, 21]], [[30, 31], [0, 0]]]
    assert first["visible"].tolist() == [[2, 1], [2, 0]]
    assert first["ignored"].shape == (0, 4)
    assert first["image_path"].endswith("1.png")
    assert second["keypoints"].shape == (0, 2, 2)
    assert second["ignored"].tolist() == [[3, 4, 15, 18], [30, 0, 50, 20]]
    assert third["keypoints"].tolist() == [[[7, 8], [0, 0]]]
    assert fourth["keypoints"].shape == (0, 2, 2)
    assert fourth["ignored"].shape == (0, 4)
    assert fourth["image_path"].endswith("4.png")
    assert "box" not in first


def test_a_sample_takes_no_longer_the_more_people_the_data_has(sticks, monkeypatch):
    scenes = Scenes(sticks)
    assert len(scenes) == 4
    looked_at = []
    to_find = People.to_find.fget
    spy = property(lambda people: looked_at.append(len(people)) or to_find(people))
    monkeypatch.setattr(People, "to_find", spy)
    scenes[0]
    assert looked_at == [2]


def test_training_leaves_images_of_nobody_out_and_images_can_be_chosen(sticks):
    assert Scenes(sticks, empty_images=False).sample_names.tolist() == ["1", "3"]
    chosen = Scenes(sticks, images=("3", "4"))
    assert chosen.sample_names.tolist() == ["3", "4"]
    assert chosen.people.ids.tolist() == ["2"]
    assert chosen[0]["image_path"].endswith("3.png")
    prints = {Scenes(sticks).fingerprint(), chosen.fingerprint(), sticks.fingerprint()}
    assert len(prints) == 3


def test_batches_are_padded_with_nobody_and_no_box(sticks):
    loader = build_loader(
        Scenes(sticks), [Read(), Crop((30, 20), padding=1.0)], batch_size=4, train=False
    )
    (batch,) = loader
    assert batch["keypoints"].shape == (4, 2, 2, 2)
    assert batch["visible"].sum(dim=(1, 2)).tolist() == [5, 0, 2, 0]
    assert batch["ignored"].shape == (4, 2, 4)
    assert batch["ignored"].isnan().all(dim=2).sum(dim=1).tolist() == [2, 0, 2, 2]
    assert batch["index"].tolist() == [0, 1, 2, 3]
    assert [int(image.max()) for image in batch["image"]] == [1, 2, 3, 4]
    np.testing.assert_allclose(batch["matrix"][0, 0, 0], 30 / 60, atol=0.01)


def test_a_batch_of_empty_images_has_a_row_of_nobody(sticks):
    loader = build_loader(
        Scenes(sticks, images=("4",)), [Read(), Crop((30, 20), 1.0)], batch_size=1, train=False
    )
    (batch,) = loader
    assert batch["keypoints"].shape == (1, 1, 2, 2)
    assert batch["ignored"].shape == (1, 1, 4)
    assert not batch["visible"].any()


def test_people_and_ignored_boxes_move_with_the_picture(sticks):
    scenes = Scenes(sticks)
    for index in (0, 1):
        rng = np.random.default_rng(0)
        sample = Read()(scenes[index], rng)
        assert sample["box"].tolist() == [0, 0, 59, 39]
        turned = RandomCrop((50, 50), padding=1.0)(sample, rng)
        moved = Flip(STICK, probability=1.0)(turned, rng)
        a, b = moved["matrix"][:, :2], moved["matrix"][:, 2]
        expected = (sample["keypoints"] @ a.T + b)[:, ::-1]
        np.testing.assert_allclose(moved["keypoints"], expected, atol=1e-3)
        np.testing.assert_array_equal(moved["visible"], sample["visible"][:, ::-1])
        for box, original in zip(turned["ignored"], sample["ignored"], strict=True):
            x1, y1, x2, y2 = original
            corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
            corners = corners @ turned["matrix"][:, :2].T + turned["matrix"][:, 2]
            np.testing.assert_allclose(box, [*corners.min(0), *corners.max(0)], atol=1e-3)


def test_drawn_people_become_scenes():
    people = SyntheticPeople(30, people=(1, 4), size=48)
    scenes = Scenes(people)
    assert sum(len(sample["keypoints"]) for sample in scenes) == people.people.to_find.sum()
    first = people.people.image_names == scenes.sample_names[3]
    np.testing.assert_array_equal(scenes[3]["keypoints"], people.people.keypoints[first])
    np.testing.assert_array_equal(
        scenes[3]["image"], people[int(np.flatnonzero(first)[-1])]["image"]
    )


def test_people_with_a_picture_each_are_scenes_of_one():
    scenes = Scenes(SyntheticPeople(3, size=48))
    assert [sample["keypoints"].shape for sample in scenes] == [(1, 14, 2)] * 3


def test_configs_can_build_it_and_bad_arguments_are_refused(sticks, stick_file):
    built = DATASETS.build(
        dict(type="Scenes", dataset=dict(type="SyntheticPeople", num_people=3, size=48))
    )
    assert len(built) == 3
    with pytest.raises(ValueError, match="has no image '17'"):
        Scenes(sticks, images=("1", "17"))
    found = [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "score": 0.5}]
    path = stick_file.parent / "found.json"
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match="are a detector's"):
        Scenes(CocoStyle(stick_file, stick_file.parent, skeleton=STICK, detections=path))
    skeleton = {**STICK, "upper_body": ("left",)}
    with pytest.raises(ValueError, match="HalfBody cuts one person in two"):
        HalfBody(skeleton, min_keypoints=2)(Scenes(sticks)[0], np.random.default_rng(0))
