import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.codec_speed import BORDER, floors, main
from poseforge.profiling.result_file import measurement
from tests.benchmarks.comparing import stand_in, tiny

# A stand-in that computes what MMPose documents, map by map: the formulas of DARK's paper, with the
# derivatives and the kernel of its released code.
CODECS = """
import numpy as np

LINE = np.exp(-np.arange(-5, 6) ** 2 / 8)


class MSRAHeatmap:
    def __init__(self, input_size, heatmap_size, sigma, unbiased, blur_kernel_size):
        assert (input_size, heatmap_size, sigma, blur_kernel_size) == ((192, 256), (48, 64), 2, 11)
        self.unbiased = unbiased

    def encode(self, keypoints):
        points = keypoints[0] / 4
        points = points if self.unbiased else np.floor(points + 0.5)
        y, x = np.mgrid[:64, :48]
        away = [(x - point[0]) ** 2 + (y - point[1]) ** 2 for point in points]
        return {"heatmaps": np.exp(-np.array(away) / 8).astype(np.float32)}

    def decode(self, maps):
        step = self.dark if self.unbiased else self.quarter
        points = []
        for one in maps:
            y, x = np.unravel_index(one.argmax(), one.shape)
            inside = 1 < x < 46 and 1 < y < 62
            points.append([x, y] + (step(one, x, y) if inside else np.zeros(2)))
        return 4 * np.array(points)[None] + SHIFT, None

    def quarter(self, one, x, y):
        return np.sign([one[y, x + 1] - one[y, x - 1], one[y + 1, x] - one[y - 1, x]]) / 4

    def dark(self, one, x, y):
        padded = np.pad(one.astype(float), 7)[y : y + 15, x : x + 15]
        blur = lambda i, j: LINE @ padded[i : i + 11, j : j + 11] @ LINE
        logs = np.log([[blur(i, j) for j in range(5)] for i in range(5)])
        first = np.array([logs[2, 3] - logs[2, 1], logs[3, 2] - logs[1, 2]]) / 2
        xx, yy = (line[4] - 2 * line[2] + line[0] for line in (logs[2], logs[:, 2]))
        xy = logs[3, 3] - logs[3, 1] - logs[1, 3] + logs[1, 1]
        return -np.linalg.solve(np.array([[xx, xy], [xy, yy]]) / 4, first)
"""
TITLES = ("encode", "decode, quarter offset", "decode, DARK")


def codecs(*, shift: float) -> dict[str, str]:
    """Return the stand-in's files; its points are `shift` pixels too far to the lower right."""
    return {"mmpose/__init__.py": "", "mmpose/codecs.py": CODECS.replace("SHIFT", str(shift))}


def test_both_sides_are_timed_where_they_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(tmp_path / "site", monkeypatch, codecs(shift=0.0))
    result = tiny(main, tmp_path, "--mmpose-python", sys.executable)
    found = {item["name"]: item for item in result["measurements"]}
    for case in TITLES:
        ours, theirs = (found[f"{case}: {side}"]["values"] for side in ("PoseForge", "MMPose"))
        values = found[f"{case}: MMPose ÷ PoseForge"]["values"]
        np.testing.assert_allclose(values, np.divide(theirs, ours))
    rounded = np.divide(
        found["encode, centres rounded: MMPose"]["values"], found["encode: PoseForge"]["values"]
    )
    held = found["encode, centres rounded: MMPose ÷ PoseForge"]["values"]
    np.testing.assert_allclose(held, rounded)
    assert found[f"{BORDER}: PoseForge"]["median"] < 0.2
    assert found[f"{BORDER}: MMPose"]["median"] > 0.5
    assert sum("as fast as MMPose's" in note for note in result["notes"]) == 3


def test_points_that_differ_by_more_than_a_thousandth_pixel_are_not_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    stand_in(tmp_path / "site", monkeypatch, codecs(shift=0.0015))
    assert main(["--tiny", "--out", str(tmp_path), "--mmpose-python", sys.executable]) == 2
    assert "decode, quarter offset of inside: number" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.json"))


def test_without_mmpose_ours_are_timed(tmp_path: Path):
    result = tiny(main, tmp_path)
    names = [item["name"] for item in result["measurements"]]
    assert names == [f"{name}: PoseForge" for name in (*TITLES, BORDER)]
    assert any("no --mmpose-python was given" in note for note in result["notes"])


def test_a_floor_is_kept_from_it_on():
    for times, ends in ((12.0, 3.0, 10.0), "kept"), ((11.9, 2.9, 9.9), "NOT KEPT"):
        items = [
            measurement(f"{name}: MMPose ÷ PoseForge", "×", [time])
            for name, time in zip(TITLES, times, strict=True)
        ]
        assert [line.rpartition(", ")[2] for line in floors(items)] == [ends] * 3
