import numpy as np
import pytest
from PIL import Image

from poseforge.formats import read_coco, write_coco
from poseforge.formats.conversion import EXPORTERS, IMPORTERS

CVAT = """<annotations><image id="0" name="images/train/a.png" width="100" height="80">
<points label="left_eye" points="10,20" occluded="0"/>
<points label="right_eye" points="30,40.5" occluded="0"/>
</image></annotations>"""
LABEL_STUDIO = """[{"id": 1, "data": {"image": "/data/upload/1/a.png"}, "annotations": [{"result": [
{"id": "p", "type": "keypointlabels", "original_width": 100, "original_height": 80,
 "value": {"x": 10, "y": 25, "width": 1, "keypointlabels": ["left_eye"]}},
{"id": "q", "type": "keypointlabels", "original_width": 100, "original_height": 80,
 "value": {"x": 30, "y": 50.625, "width": 1, "keypointlabels": ["right_eye"]}}]}]}]"""
DEEPLABCUT = """scorer,me,me,me,me
bodyparts,left_eye,left_eye,right_eye,right_eye
coords,x,y,x,y
images/train/a.png,10,20,30,40.5
"""
YOLO = """train: images/train
kpt_shape: [2, 3]
flip_idx: [1, 0]
kpt_names: [left_eye, right_eye]
"""


@pytest.fixture
def sources(tmp_path):
    """The same person in each tool's file."""
    (tmp_path / "images" / "train").mkdir(parents=True)
    Image.new("L", (100, 80)).save(tmp_path / "images" / "train" / "a.png")
    (tmp_path / "labels" / "train").mkdir(parents=True)
    row = "0 0.2 0.378125 0.2 0.25625 0.1 0.25 2 0.3 0.50625 2\n"
    (tmp_path / "labels" / "train" / "a.txt").write_text(row)
    texts = {"cvat": CVAT, "label-studio": LABEL_STUDIO, "deeplabcut": DEEPLABCUT, "yolo": YOLO}
    endings = {"cvat": "xml", "label-studio": "json", "deeplabcut": "csv", "yolo": "yaml"}
    files = {name: tmp_path / f"source.{ending}" for name, ending in endings.items()}
    for name, file in files.items():
        file.write_text(texts[name])
    write_coco(IMPORTERS["cvat"](files["cvat"]), tmp_path / "coco.json")
    return {**files, "coco": tmp_path / "coco.json"}


@pytest.mark.parametrize("name", sorted(IMPORTERS))
def test_every_importer_finds_the_same_person_and_exports_it(name, sources, tmp_path, assert_same):
    annotations = IMPORTERS[name](sources[name])
    people = annotations.people
    assert annotations.skeleton.keypoints == ("left_eye", "right_eye")
    assert annotations.skeleton.pairs == (("left_eye", "right_eye"),)
    np.testing.assert_allclose(people.keypoints, [[[10, 20], [30, 40.5]]], rtol=1e-6)
    np.testing.assert_allclose(people.boxes, [[10, 20, 30, 40.5]], rtol=1e-6)
    assert people.visible.tolist() == [[2, 2]]

    EXPORTERS["coco"](annotations, tmp_path / "one.json")
    once = read_coco(tmp_path / "one.json")
    np.testing.assert_array_equal(once.people.keypoints, people.keypoints)
    np.testing.assert_array_equal(once.people.boxes, people.boxes)
    np.testing.assert_array_equal(once.people.image_paths, people.image_paths)
    assert once.skeleton == annotations.skeleton
    EXPORTERS["coco"](once, tmp_path / "two.json")
    assert_same(read_coco(tmp_path / "two.json"), once)
    if annotations.images.sizes.all():
        EXPORTERS["yolo"](once, tmp_path / "yolo")
        (label,) = (tmp_path / "yolo" / "labels" / "train").iterdir()
        expected = (tmp_path / "labels" / "train" / "a.txt").read_text().split()
        written = label.read_text().split()
        np.testing.assert_allclose(np.float64(written), np.float64(expected), atol=1e-6)
