import sys
from pathlib import Path

import pytest

from benchmarks.resnet50_coco import main, measure, promises
from benchmarks.result import Result, check_result
from poseforge.profiling.result_file import measurement

# A stand-in for MMPose's side, which trains nothing.
STAND_IN = """
from benchmarks.timed_calls import serve

serve({"loader": lambda _: [2.0]}, {"people": None}, {"mmpose": "1"})
"""
CASES = (
    "one batch of noise again and again",
    "loader",
    "loader, augment=device",
    "loader, cached",
    "loader, cached, augment=device",
)


def tiny(out: Path, *arguments: str) -> Result:
    common = ["--tiny", "--device", "cpu", "--workers", "1", "--out", str(out)]
    assert main([*common, *arguments]) == 0
    (path,) = out.glob("*.json")
    return check_result(path)


@pytest.mark.slow
def test_both_sides_train_and_ours_is_held_against_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    modules = "benchmarks.poseforge_training", "stand_in"
    monkeypatch.setattr("benchmarks.resnet50_coco.MODULES", modules)
    result = tiny(tmp_path / "out", "--mmpose-python", sys.executable)
    found = {item["name"]: item["values"] for item in result["measurements"]}
    assert found["loader: MMPose"] == [2.0, 2.0]
    for case in CASES:
        expected = [rate / 2 for rate in found[f"{case}: PoseForge"]]
        assert found[f"{case}: PoseForge ÷ MMPose"] == pytest.approx(expected)
    assert sum("promised 3" in note for note in result["notes"]) == 4


class Side:
    """A side that answers with the number of times that it was asked."""

    def __init__(self) -> None:
        self.cases, self.asked = ["loader"], 0

    def ask(self, **_: object) -> list[float]:
        self.asked += 1
        return [float(self.asked)]


def test_without_mmpose_ours_is_measured_alone_and_the_first_round_warms_up():
    (item,) = measure({"PoseForge": Side()}, 2)
    assert (item["name"], item["values"]) == ("loader: PoseForge", [2.0, 3.0])
    assert not list(promises([item]))


def test_a_promise_is_kept_from_its_number_on():
    for value, end in ((3.0, "promised 3, kept"), (2.99, "NOT KEPT")):
        (line,) = promises([measurement("loader: PoseForge ÷ MMPose", "×", [value])])
        assert line.endswith(end)
