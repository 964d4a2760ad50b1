"""docs/models/: the numbers of its pages are those of the code, and of the labels of LSP."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.receptive_fields import (
    build_model,
    count_parameters,
    fields_of_stages,
    receptive_fields,
)
from poseforge.codecs import Heatmap
from poseforge.datasets import LSP
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import center_of, longest_side

PAGES = Path(__file__).parents[1] / "docs" / "models"
PADDING = 1.25  # of the configs' crops


def page(name: str) -> str:
    """A page's text, with single spaces."""
    return re.sub(r"\s+", " ", (PAGES / f"{name}.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "config", [f"{m}_{d}" for m in ("simplepose", "hmappose", "cpm") for d in ("lsp", "blog")]
)
def test_parameters(config: str):
    model, text = build_model(config), page(config.partition("_")[0])
    assert f"{count_parameters(model):,}" in text


def test_simpleposes_parts():
    model, text = build_model("simplepose_lsp"), page("simplepose")
    widest = count_parameters(model.head.layers[0])
    assert f"{widest:,}" in text
    assert f"{100 * widest / count_parameters(model):.0f} %" in text
    assert f"{receptive_fields(model.backbone)[-1]} px" in text


def test_receptive_fields():
    hmappose = build_model("hmappose_lsp")
    assert f"{receptive_fields(hmappose.backbone, hmappose.head)[-1]} px" in page("hmappose")
    quick = build_model("quickstart")
    assert f"sees {receptive_fields(quick.backbone, quick.head)[-1]} px" in page("hmappose")
    for config in ("cpm_lsp", "cpm_blog"):
        assert " → ".join(map(str, fields_of_stages(build_model(config)))) in page("cpm")


@pytest.mark.parametrize("config", ["hmappose_lsp", "cpm_lsp"])
def test_how_near_a_perfect_network_comes(config: str, data_root: Path):
    codec, text = build_model(config).codec, page("hmappose")
    people = LSP("test", data_root=data_root).people
    points, torso = crops(data_root, codec.input_size[0])
    truth, visible = torch.from_numpy(points).float(), torch.from_numpy(people.visible)
    maps = codec.encode(truth, visible)["heatmaps"]
    for refine, words in (("argmax", "highest cell"), ("dark", "`dark`")):
        found, _ = Heatmap(**{**vars(codec), "refine": refine}).decode(maps)
        errors = np.hypot(*np.moveaxis(found.numpy() - points, -1, 0)) / torso[:, None]
        hits = " | ".join(f"{100 * (errors <= t).mean():.1f}" for t in (0.2, 0.1, 0.05))
        cells = codec.heatmap_size[0]
        assert f"| {cells} × {cells} | {words} | {hits} |" in text


def test_the_sum_is_more_than_a_tanh_can_give(data_root: Path):
    codec = build_model("hmappose_lsp").codec
    visible = torch.from_numpy(LSP("test", data_root=data_root).people.visible)
    points, _ = crops(data_root, 256)
    tops = codec.encode(torch.from_numpy(points).float(), visible)["heatmaps"][:, -1].amax((1, 2))
    text = page("hmappose")
    assert f"{int((tops > 1).sum())} of LSP's 1000 test people" in text
    assert f"up to {float(tops.max()):.1f}" in text


@pytest.mark.parametrize(
    ("config", "stage", "words"),
    [
        ("hmappose_lsp", 0, "HmapPose"),
        ("cpm_lsp", 0, "CPM, stage 1"),
        ("cpm_lsp", 1, "CPM, stage 2"),
        ("cpm_lsp", 2, "CPM, stage 3"),
    ],
)
def test_what_a_knees_cell_sees(config: str, stage: int, words: str, data_root: Path):
    model = build_model(config)
    field = (
        fields_of_stages(model)[stage]
        if config == "cpm_lsp"
        else receptive_fields(model.backbone, model.head)[-1]
    )
    width = model.codec.input_size[0]
    points, _ = crops(data_root, width)
    index, shares = model.skeleton.index, []
    for right, left in (
        ("left_knee", "right_knee"),
        ("right_hip", "left_hip"),
        ("right_shoulder", "left_shoulder"),
        ("head_top", "head_top"),
    ):
        seen = [
            np.abs(points[:, index(other)] - points[:, index(knee)]).max(axis=1) <= field / 2
            for knee, other in (("right_knee", right), ("left_knee", left))
        ]
        shares.append(f"{100 * np.mean(seen):.0f} %")
    row = f"| {words} | {field} of {width} px | {' | '.join(shares)} |"
    assert row in page("cpm")
    if words == "HmapPose":
        assert row in page("hmappose")


def crops(data_root: Path, width: int) -> tuple[Floats, Floats]:
    """Return LSP's test people (N, K, 2) in crops of the configs, and their torsos (N,), px."""
    dataset = LSP("test", data_root=data_root)
    people, index = dataset.people, dataset.skeleton.index
    scale = width / (PADDING * longest_side(people.boxes).astype(float))
    points = (people.keypoints - center_of(people.boxes)[:, None]) * scale[:, None, None]
    across = points[:, index("left_shoulder")] - points[:, index("right_hip")]
    return points + (width - 1) / 2, np.hypot(*across.T)
