"""Keypoints of one's own, from an annotation file to a trained and tested model."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from poseforge.engine.benchmark import benchmark
from poseforge.engine.config import load_config
from poseforge.engine.train import train
from poseforge.formats import Annotations, Images, write_coco
from poseforge.structures import People, Skeleton, as_skeleton, boxes

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
[CONFIG] = re.findall(r"```python\n# birds.py\n(.*?)```", PAGE, re.DOTALL)
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
SMALL = [
    "device='cpu'",
    "train_cfg.max_epochs=1",
    "train_cfg.val_interval=1",
    *(f"{loader}.{key}" for loader in LOADERS for key in ("batch_size=4", "num_workers=0")),
]


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
    path.write_text(CONFIG.replace("data/birds", str(tmp_path)))
    skeleton = as_skeleton(load_config(path).model["skeleton"])
    for number, (part, count) in enumerate((("train", 12), ("val", 5), ("test", 3))):
        write_birds(tmp_path, part, count, number, skeleton)
    return path


def test_the_pages_config_trains_and_tests_five_keypoints(config_file: Path, tmp_path: Path):
    config = load_config(config_file, [f"work_dir='{tmp_path / 'run'}'", *SMALL])
    outcome = train(config, Console(quiet=True), launcher="none", resume=None)
    [record] = outcome.history
    assert record["iteration"] == 3
    assert 0 <= record["PCK@0.2"] <= 100
    assert record["NME %"] > 0
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["data"]["train"]["name"] == "train"
    assert list((tmp_path / "run" / "predictions").glob("*.jpg"))
    result = benchmark(config, tmp_path / "run" / "last.pth", Console(quiet=True))
    assert [len(report.joints) for report in result.evaluation.models[-1].reports] == [5, 5]
    assert result.dataset.name == "test"
