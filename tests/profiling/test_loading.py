import time

import pytest
import torch

from poseforge.engine.config import load_config
from poseforge.engine.distributed import World
from poseforge.profiling.loading import measure_loading
from poseforge.profiling.subject import Subject
from poseforge.transforms import Flip

CPU = torch.device("cpu")
SMALL = [
    "train_dataloader.dataset.num_people=16", "train_dataloader.batch_size=4",
    "train_dataloader.num_workers=0",
]  # fmt: skip


def test_a_slow_transform_is_named_and_steps_wait_for_it(monkeypatch):
    original = Flip.__call__

    def slow(self, sample, rng):
        time.sleep(0.02)
        return original(self, sample, rng)

    monkeypatch.setattr(Flip, "__call__", slow)
    subject = Subject(load_config("configs/quickstart.py", SMALL), "train", CPU, World())
    found = measure_loading(subject, World())
    seconds = {stage.name: stage.seconds for stage in found.stages}
    assert max(seconds, key=seconds.get) == "Flip"
    assert 0.02 <= seconds["Flip"] < 0.04
    assert found.waiting_s >= 4 * 0.02
    assert found.samples_per_s == pytest.approx(1 / sum(seconds.values()))
    assert "wait for data for" in found.verdict


def test_reading_is_told_from_warping(fake_root, monkeypatch):
    monkeypatch.setenv("POSEFORGE_DATA", str(fake_root))
    few = ["train_dataloader.batch_size=2", "train_dataloader.num_workers=0"]
    subject = Subject(load_config("configs/simplepose_lsp.py", few), "train", CPU, World())
    found = measure_loading(subject, World())
    assert {"annotation", "RandomCrop", "decode", "Flip"} <= {s.name for s in found.stages}


def test_without_data_there_is_nothing_to_load(monkeypatch, tmp_path):
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path))
    subject = Subject(
        load_config("configs/simplepose_lsp.py", ["train_dataloader.batch_size=2"]),
        "train",
        CPU,
        World(),
    )
    assert subject.is_noise
    assert measure_loading(subject, World()) is None
