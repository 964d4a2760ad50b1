"""Augmentation on the device through the engine: one word in a config, and the same run."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from poseforge.datasets import Scenes, SyntheticPeople, build_loader
from poseforge.engine.config import RunConfig
from poseforge.engine.train import train
from poseforge.models.device import to_device
from poseforge.recipes import data, fields
from poseforge.transforms import ColorJitter, CutOut, Flip, RandomCrop, Read, defer

MakeConfig = Callable[..., RunConfig]
DEVICE = "train_dataloader.augment='device'"
TRAIN = [Read(), RandomCrop((32, 32)), Flip("lsp14"), ColorJitter(), CutOut()]
CPU = torch.device("cpu")


def losses(folder: Path) -> np.ndarray:
    """Return a run's losses in order."""
    lines = (folder / "steps.jsonl").read_text().splitlines()
    return np.array([json.loads(line)["total"] for line in lines])


def test_a_run_with_pictures_of_the_device_is_the_cpus(
    make_config: MakeConfig, console: Console, tmp_path: Path
):
    train(make_config(run="cpu"), console, launcher="none", resume=None)
    train(make_config(DEVICE, run="device"), console, launcher="none", resume=None)
    expected, found = losses(tmp_path / "cpu"), losses(tmp_path / "device")
    assert len(expected) == 12
    np.testing.assert_allclose(found, expected, rtol=0.01)  # pixels differ by rounding


def test_validation_may_do_it_too(make_config: MakeConfig, console: Console):
    usual = train(make_config(run="cpu"), console, launcher="none", resume=None)
    both = make_config("val_dataloader.augment='device'", run="device")
    deferred = train(both, console, launcher="none", resume=None)
    assert deferred.history[-1] == pytest.approx(usual.history[-1], abs=2)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_batches_depend_on_neither_workers_nor_where_a_run_began(num_workers: int):
    people = SyntheticPeople(22, size=48)
    options = dict(batch_size=4, seed=9, train=True)
    straight = build_loader(people, defer(TRAIN), **options)
    epochs = [list(straight) for _ in range(2)]
    loader = build_loader(people, defer(TRAIN), num_workers=num_workers, **options)
    loader.batch_sampler.set_position(0, 3)
    for found, expected in zip([*loader, *loader], [*epochs[0][3:], *epochs[1]], strict=True):
        assert set(found) == set(expected)
        assert all(torch.equal(found[name], expected[name]) for name in found)


def test_scenes_of_several_people_arrive_as_from_the_cpu():
    scenes = Scenes(SyntheticPeople(12, people=(1, 4), size=64, seed=3))
    usual, deferred = (
        next(iter(build_loader(scenes, transforms, batch_size=4, seed=1, train=True)))
        for transforms in (TRAIN, defer(TRAIN))
    )
    found = to_device(deferred, CPU, channels_last=True)
    assert set(found) == set(usual)
    assert found["keypoints"].ndim == 4
    for name in ("keypoints", "visible", "ignored", "matrix", "center", "index"):
        torch.testing.assert_close(found[name], usual[name], equal_nan=True)
    assert (found["image"].float() - usual["image"].float()).abs().mean() < 0.5
    assert found["image"].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["train_dataloader.augment='gpu'"], "augment='gpu'; use 'cpu' or 'device'"),
        ([DEVICE, "train_dataloader.transforms=[]"], "there is no crop to make on the device"),
        ([DEVICE, "codec.input_size=(64, 64)"], "crops of 32 x 32 pixels, but the codec works on"),
    ],
)
def test_a_mistake_is_a_sentence_before_the_first_step(
    make_config: MakeConfig, console: Console, overrides: list[str], message: str
):
    with pytest.raises(ValueError, match=message) as caught:
        train(make_config(*overrides), console, launcher="none", resume=None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "recipe",
    [
        lambda **more: data.lsp({"input_size": (64, 64)}, batch_size=2, **more),
        lambda **more: data.coco({"input_size": (64, 64)}, batch_size=2, **more),
        lambda **more: data.synthetic({"input_size": (64, 64)}, people=9, batch_size=2, **more),
        lambda **more: fields.coco_scenes({"input_size": (64, 64)}, batch_size=2, **more),
    ],
)
def test_a_recipe_takes_one_word_for_its_training_loader(recipe: Callable[..., data.Loaders]):
    usual, chosen = recipe(), recipe(augment="device")
    assert [loader["augment"] for loader in usual] == ["cpu"] * 3
    assert chosen == ({**usual[0], "augment": "device"}, *usual[1:])
