"""Keypoints of one's own, from an annotation file to a trained and tested model."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from poseforge.engine.config import load_config
from poseforge.engine.train import train
from poseforge.formats import Annotations, Images, write_coco
from poseforge.structures import People, Skeleton, as_skeleton, boxes

# The config that docs show: what is own are the names of the keypoints and where the files are.
CONFIG = """
from poseforge.recipes.data import crops_of

skeleton = dict(
    name="bird5",
    keypoints=("beak", "left_wing", "right_wing", "tail", "breast"),
    pairs=(("left_wing", "right_wing"),),
    links=(("beak", "tail"),),
    torso=("beak", "tail"),
)

def birds(part):
    file = f"{folder}/{{part}}.json"
    return dict(type="CocoStyle", annotations=file, images="{folder}", skeleton=skeleton)

codec = dict(type="Coordinates", input_size=(32, 32))
train_dataloader, val_dataloader, test_dataloader = crops_of(
    codec, (birds("train"), birds("val"), birds("val")),
    skeleton=skeleton, batch_size=4, num_workers=0,
)
model = dict(
    type="TopDown",
    skeleton=skeleton,
    backbone=dict(type="ConvStack", channels=(8, 8)),
    head=dict(
        type="RegressionHead", in_features=8 * 8 * 8, num_keypoints=5, hidden=(16,),
        loss=dict(type="SmoothL1"),
    ),
)
metrics = [dict(type="PCK")]
optim_wrapper = dict(optimizer=dict(type="AdamW", lr=1e-2))
train_cfg = dict(max_iters=2, val_interval=2)
del skeleton, birds, crops_of
"""


def write_birds(folder: Path, part: str, count: int, seed: int, skeleton: Skeleton) -> None:
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(10, 50, (count, 5, 2)).astype(np.float32)
    visible = rng.choice([0.0, 1.0, 2.0], (count, 5), p=[0.2, 0.2, 0.6]).astype(np.float32)
    visible[:, [0, 3]] = 2
    keypoints[visible == 0] = 0
    names = [f"{part}{number}.png" for number in range(count)]
    for name in names:
        cv2.imwrite(str(folder / name), rng.integers(256, size=(60, 60, 3), dtype=np.uint8))
    ids = np.array([str(number) for number in range(1, count + 1)])
    paths = np.array([str(folder / name) for name in names])
    people = People(
        image_paths=paths,
        keypoints=keypoints,
        visible=visible,
        boxes=boxes.box_of_points(keypoints, visible),
        ids=ids,
        image_ids=ids,
        areas=np.full(count, np.nan, np.float32),
        crowd=np.zeros(count, dtype=np.bool_),
    )
    images = Images(ids, paths, np.full((count, 2), 60))
    write_coco(Annotations(skeleton, images, people), folder / f"{part}.json")


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "birds.py"
    path.write_text(CONFIG.format(folder=tmp_path))
    skeleton = as_skeleton(load_config(path).model["skeleton"])
    write_birds(tmp_path, "train", 12, 0, skeleton)
    write_birds(tmp_path, "val", 5, 1, skeleton)
    return path


def test_five_keypoints_and_one_link_are_trained_and_tested(config_file: Path, tmp_path: Path):
    config = load_config(config_file, [f"work_dir='{tmp_path / 'run'}'", "device='cpu'"])
    outcome = train(config, Console(quiet=True), launcher="none", resume=None)
    [record] = outcome.history
    assert record["iteration"] == 2
    assert 0 <= record["PCK@0.2"] <= 100
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["data"]["train"]["name"] == "train"
    assert list((tmp_path / "run" / "predictions").glob("*.jpg"))
