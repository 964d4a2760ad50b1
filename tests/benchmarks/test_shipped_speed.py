from benchmarks.result import check_result
from benchmarks.shipped_speed import main, measurements
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator


def test_a_trial_measures_our_side_and_says_that_mmpose_is_absent(tmp_path):
    config = load_config("configs/hmappose_course.py")
    estimator = build_estimator(config.model)
    state = {**describe(estimator, config), "state_dict": estimator.state_dict(), "meta": {}}
    write_checkpoint(state, tmp_path / "model.pth")
    checkpoint = str(tmp_path / "model.pth")
    assert main(["--tiny", "--checkpoint", checkpoint, "--out", str(tmp_path)]) == 0
    [path] = tmp_path.glob("*.json")
    result = check_result(path)
    medians = {item["name"].split(":")[0]: item["median"] for item in result["measurements"]}
    assert medians["one person, p50"] <= medians["one person, p95"]
    assert "MMPose was not measured" in result["notes"][0]


def test_rates_are_people_by_median_seconds():
    both = {(1, "PoseForge"): [0.01, 0.02, 0.03], (16, "PoseForge"): [0.1, 0.2, 0.4]}
    theirs = {(1, "MMPose"): [0.04], (16, "MMPose"): [0.8]}
    found = {item["name"]: item["median"] for item in measurements([{**both, **theirs}])}
    assert found["one person, p50: PoseForge's compact model"] == 20.0
    assert found["16 people in one batch: PoseForge's compact model"] == 80.0
    assert found["PoseForge's compact model ÷ MMPose's RTMPose-t, people/s"] == 4.0
