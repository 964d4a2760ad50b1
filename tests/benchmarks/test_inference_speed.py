from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.beside_mmpose import OURS, THEIRS
from benchmarks.crowd import crowd, pixel_sizes
from benchmarks.inference_speed import Plan, agreement, as_mmpose_calls_them, main, measure
from benchmarks.result import check_result
from poseforge.transforms import Crop, Read


def test_every_case_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    names = [item["name"] for item in result["measurements"]]
    for case in ("plain", "flip test", "batches of 1", "batches of 4", "batches of 16"):
        assert f"5 people in one image, {case}: PoseForge" in names
    assert "one person, p95: PoseForge" in names
    assert "reading 1280x720 JPEGs and cropping, 2 threads" in names
    assert all(item["median"] > 0 for item in result["measurements"])
    assert result["settings"]["tiny"]
    assert any("MMPose was not measured" in note for note in result["notes"])


class Answering:
    """A side whose keypoints and times are given."""

    cases = ("plain", "flip test", "latencies")

    def __init__(self, keypoints: list[float], seconds: float) -> None:
        self.keypoints, self.time = keypoints, seconds

    def ask(self, what: str, case: str, **_: object):
        if case == "latencies":
            return [self.time / 10] * 19 + [self.time]
        return self.time if what == "seconds" else self.keypoints


def test_the_ratio_says_how_much_faster_we_are():
    sides = {OURS: Answering([1, 2], 2.0), THEIRS: Answering([1, 2], 3.0)}
    items = measure(sides, ["plain", "flip test"], Plan(20, 2, 4))
    found = {item["name"]: item["median"] for item in items}
    assert found["20 people in one image, plain: MMPose ÷ PoseForge"] == 1.5
    assert found["one person, p50: PoseForge"] == pytest.approx(200)
    assert found["one person, p95: MMPose"] == pytest.approx(435)  # 300 + 5 % of the way to 3000


def test_sides_that_disagree_are_not_compared():
    points = np.arange(40.0)
    near = points + 1e-3
    near[0] += 5
    sides = {OURS: Answering(points.tolist(), 1), THEIRS: Answering(near.tolist(), 1)}
    notes = agreement(sides)
    assert notes[0].startswith("plain: 95.0% of 20 keypoints are within 0.01 px of MMPose's, the")
    assert "5.00 px away" in notes[0]
    sides[THEIRS] = Answering((points + 1).tolist(), 1)
    with pytest.raises(ValueError, match=r"plain: only 0\.0% of keypoints are within"):
        agreement(sides)


def test_weights_get_their_names_at_mmpose():
    ours = ("backbone.network.layer1.0.conv1.weight", "neck.layers.3.weight", "head.blocks.0.bias")
    found = as_mmpose_calls_them({name: torch.zeros(1) for name in ours})
    theirs = ["backbone.layer1.0.conv1.weight", "head.deconv_layers.3.weight"]
    assert list(found) == [*theirs, "head.final_layer.bias"]


def test_a_pixel_is_as_large_as_the_crop_s_matrix_says():
    people = crowd(6)
    empty = np.zeros((17, 2), np.float32)
    rng = np.random.default_rng(0)
    for box, size in zip(people["boxes"], pixel_sizes(people["boxes"]), strict=True):
        sample = dict(image=people["image"], box=box, keypoints=empty, visible=empty[:, 0])
        matrix = Crop((192, 256), 1.25)(Read()(sample, rng), rng)["matrix"]
        assert 1 / matrix[0, 0] == pytest.approx(size, rel=1e-6)
