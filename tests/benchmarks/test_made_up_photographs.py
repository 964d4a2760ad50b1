from pathlib import Path

import numpy as np

from benchmarks.made_up_photographs import PICTURE, Photographs, coco_photographs
from poseforge.datasets import CocoStyle, Scenes
from poseforge.transforms import read_image


def test_photographs_are_the_same_from_files_and_from_memory(tmp_path: Path):
    files, memory = (Photographs(3, tmp_path, decoded=decoded) for decoded in (False, True))
    for index in range(3):
        picture = read_image(files[index]["image_path"])
        assert picture.shape == (PICTURE[1], PICTURE[0], 3)
        assert (memory[index]["image"] == picture).all()
        assert 20 < picture.std() < 80


def test_a_picture_has_as_many_people_as_asked_for(tmp_path: Path):
    scenes = Scenes(Photographs(6, tmp_path, per_picture=3))
    assert len(scenes) == len(list(tmp_path.glob("*.jpg"))) == 2
    assert [scenes[index]["keypoints"].shape for index in range(2)] == [(3, 17, 2)] * 2


def test_the_coco_file_holds_the_same_people(tmp_path: Path):
    read = CocoStyle(**coco_photographs(3, tmp_path), skeleton="coco17").people
    made_up = Photographs(3, tmp_path).people
    np.testing.assert_allclose(read.keypoints, made_up.keypoints, atol=0.01)
    np.testing.assert_allclose(read.boxes, made_up.boxes, atol=0.01)
    assert read.image_paths.tolist() == made_up.image_paths.tolist()
