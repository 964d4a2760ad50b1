import sys
from pathlib import Path

import pytest

from benchmarks.data_speed import main, promises
from poseforge.profiling.result_file import measurement
from tests.benchmarks.comparing import tiny

# A stand-in for MMPose's side, which answers as fast as it can.
STAND_IN = """
from benchmarks.timed_calls import serve

serve({"samples": lambda _: [2]}, {"made-up": None}, {"mmpose": "1"})
"""
CASES = (
    "samples, images decoded whole",
    "samples, none read reduced",
    "samples",
    "samples from the cache",
    "samples, stacked, and their heatmaps",
    "JPEG decode and one warp alone",
)


def test_both_sides_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    modules = "benchmarks.poseforge_data", "stand_in"
    monkeypatch.setattr("benchmarks.data_speed.MODULES", modules)
    result = tiny(main, tmp_path / "out", "--mmpose-python", sys.executable)
    found = {item["name"]: item for item in result["measurements"]}
    theirs = found["made-up, samples: MMPose"]
    for case in CASES:
        ours = found[f"made-up, {case}: PoseForge"]
        ratio = found[f"made-up, {case}: PoseForge ÷ MMPose"]
        expected = [a / b for a, b in zip(ours["values"], theirs["values"], strict=True)]
        assert ratio["values"] == pytest.approx(expected)
    assert sum("NOT KEPT" in note for note in result["notes"]) == 2


def test_without_mmpose_the_result_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    result = tiny(main, tmp_path, "--mmpose-python", str(tmp_path / "python"))
    assert not any("MMPose" in item["name"] for item in result["measurements"])
    (note,) = [note for note in result["notes"] if "was not measured" in note]
    assert note in capsys.readouterr().err


def test_a_promise_is_kept_from_its_number_on():
    names = ("samples, none read reduced", "samples")
    for ratios, ends in (((1.8, 2.31), ("kept", "kept")), ((1.79, 2.29), ("NOT", "NOT"))):
        items = [
            measurement(f"COCO, {name}: PoseForge ÷ MMPose", "×", [value])
            for name, value in zip(names, ratios, strict=True)
        ]
        for line, end in zip(promises(items), ends, strict=True):
            assert f", {end}" in line
