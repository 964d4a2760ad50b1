import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.made_up_people import made_up
from benchmarks.metric_speed import floors, main
from benchmarks.timed_calls import Side, seconds
from poseforge.profiling.result_file import measurement
from tests.benchmarks.comparing import stand_in, tiny

# A stand-in that computes what MMPose documents, person by person.
FUNCTIONS = """
import math


def offsets(pred, gt, mask, norm):
    rows = [(p, g, m, n) for p, g, m, n in zip(pred, gt, mask, norm)]
    return [
        [
            math.hypot((p[k][0] - g[k][0]) / n[0], (p[k][1] - g[k][1]) / n[1])
            for p, g, m, n in rows
            if m[k]
        ]
        for k in range(len(gt[0]))
    ]


def keypoint_pck_accuracy(pred, gt, mask, thr, norm):
    acc = [sum(d < thr for d in joint) / len(joint) for joint in offsets(pred, gt, mask, norm)]
    return acc, sum(acc) / len(acc), len(acc)


def keypoint_auc(pred, gt, mask, norm, num):
    norms = [(norm, norm)] * len(gt)
    steps = [keypoint_pck_accuracy(pred, gt, mask, i / num, norms)[1] for i in range(num)]
    return sum(steps) / num


def keypoint_nme(pred, gt, mask, norm):
    every = sum(offsets(pred, gt, mask, norm), [])
    return sum(every) / len(every)


def keypoint_epe(pred, gt, mask):
    return keypoint_nme(pred, gt, mask, [(1, 1)] * len(gt))
"""
METRICS = """
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from mmpose.evaluation.functional import offsets


class CocoMetric:
    def __init__(self, ann_file, nms_mode):
        assert nms_mode == "none"
        self.truth = COCO(ann_file)

    def process(self, _, samples):
        self.results += samples

    def compute_metrics(self, results):
        poses = [
            {
                "image_id": sample["img_id"],
                "category_id": 1,
                "keypoints": [float(x) for point in pose for x in (*point, 1)],
                "score": float(sum(scores) / len(scores)),
            }
            for sample in results
            for pose, scores in zip(*sample["pred_instances"].values())
        ]
        evaluator = COCOeval(self.truth, self.truth.loadRes(poses), "keypoints")
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
        return dict(enumerate(evaluator.stats))


class MpiiPCKAccuracy:
    def __init__(self, **_):
        pass

    def compute_metrics(self, results):
        print("what a metric prints is no answer")
        r = results[0]
        joints = offsets(r["pred_coords"] + 1, r["gt_coords"], r["mask"], r["head_size"])
        every = sum((joint for k, joint in enumerate(joints) if k not in (6, 7)), [])
        share = lambda t: 100 * sum(d < t for d in every) / len(every)
        return {"PCK": share(0.5), "PCK@0.1": share(0.1)}
"""
FILES = {
    "mmpose/__init__.py": "",
    "mmpose/evaluation/__init__.py": "",
    "mmpose/evaluation/functional.py": FUNCTIONS,
    "mmpose/evaluation/metrics.py": METRICS,
}
THEIRS = [
    "PCK@0.2 of each joint",
    "AUC over 20 thresholds",
    "PCKh with its curve",
    "EPE",
    "NME",
    "OKSAP, all numbers",
]


@pytest.mark.slow
def test_both_sides_are_measured_where_they_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(tmp_path / "site", monkeypatch, FILES)
    result = tiny(main, tmp_path, "--mmpose-python", sys.executable)
    found = {item["name"]: item for item in result["measurements"]}
    for case in THEIRS:
        ours, theirs = (found[f"{case}, 40 people: {side}"] for side in ("PoseForge", "MMPose"))
        expected = np.divide(theirs["values"], ours["values"])
        ratio = found[f"{case}, 40 people: MMPose ÷ PoseForge"]
        np.testing.assert_allclose(ratio["values"], expected)
    times = found["OKSAP by pycocotools, 40 people: PoseForge"]["values"]
    ratio = found["OKSAP, all numbers, 40 people: MMPose ÷ PoseForge's OKSAP by pycocotools"]
    np.testing.assert_allclose(ratio["values"], np.divide(theirs["values"], times))
    assert result["settings"]["sides"]["MMPose"]["mmpose"] == "1"
    assert not any("was not measured" in note for note in result["notes"])


def test_without_mmpose_every_metric_is_measured_and_the_result_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    result = tiny(main, tmp_path, "--mmpose-python", str(tmp_path / "python"))
    names = [item["name"] for item in result["measurements"]]
    for name in ("PCK", "PCKh", "PDJ", "PCP strict", "EPE", "NME", "OKSAP"):
        assert f"{name} with 1000 resamples, 40 people: PoseForge" in names
        assert f"{name} with 1000 resamples, 40 people: PoseForge, peak memory" in names
    assert "error kinds, 40 people: PoseForge" in names
    assert not any("MMPose" in name for name in names)
    assert all(item["median"] > 0 for item in result["measurements"])
    assert result["settings"]["tiny"]
    (note,) = [note for note in result["notes"] if "was not measured" in note]
    assert "No such file" in note
    assert note in capsys.readouterr().err


def test_a_floor_is_kept_only_below_it():
    names = ("PCKh with its curve, 9 people", "PCKh with 1000 resamples, 4 people")
    for times, ends in ((499.0, 999.0), ("kept", "kept")), ((500.0, 1000.0), ("NOT", "NOT")):
        items = [
            measurement(f"{name}: PoseForge", "ms", [time])
            for name, time in zip(names, times, strict=True)
        ]
        for line, end in zip(floors(items, (1, 9), 4), ends, strict=True):
            assert f"ms, {end}" in line


CALLS = """
import numpy as np

from benchmarks.timed_calls import serve


def rise_and_fall(megabytes):
    np.ones(megabytes * 125_000)  # freed at once: only a peak shows it
    np.ones(megabytes * 50_000)
    return [megabytes]


def fail(_):
    raise ValueError("it cannot be done")


serve({"rise": rise_and_fall, "fail": fail}, {"large": 50, "small": 20}, {"this": "1"})
"""


@pytest.fixture
def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    """A process with a call that fails and one that needs memory."""
    (tmp_path / "calls_of_a_test.py").write_text(CALLS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Side(sys.executable, "calls_of_a_test", tmp_path) as side:
        yield side


def test_memory_is_the_peak_of_one_call(side: Side):
    assert (side.cases, side.versions) == (["rise", "fail"], {"this": "1"})
    for size, megabytes in ("large", 50), ("small", 20), ("large", 50):  # no peak hides another
        found = side.ask(what="memory", case="rise", input=size)
        assert found == pytest.approx(megabytes, abs=5)
        assert side.ask(what="numbers", case="rise", input=size) == [megabytes]


@pytest.mark.parametrize(
    ("what", "message"), [("numbers", "it cannot be done"), ("memory", "has ended its process")]
)
def test_what_a_process_ended_by_is_told(side: Side, what: str, message: str):
    with pytest.raises(RuntimeError, match=message):
        side.ask(what=what, case="fail", input="small")


def test_a_process_that_does_not_begin_is_told_of(tmp_path: Path):
    with pytest.raises(RuntimeError, match="No module named nobody"):
        Side(sys.executable, "nobody", tmp_path)


def test_short_calls_are_repeated_and_sleep_is_not_work():
    calls: list[None] = []
    assert seconds(lambda: calls.append(None), 0) < 0.01
    assert len(calls) == 1
    seconds(lambda: calls.append(None), 0.01)
    assert len(calls) > 10


def test_people_are_the_same_every_time_and_no_error_is_at_a_threshold():
    arrays, again = made_up(500, 16, 2), made_up(500, 16, 2)
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, again[name])
    assert len(set(arrays["image_ids"])) == 250
    labelled = arrays["visible"] > 0
    offsets = arrays["predicted"].astype(float) - arrays["keypoints"]
    relative = np.hypot(*offsets.transpose(2, 0, 1)) / arrays["head_sizes"][:, None]
    steps = relative[labelled] / 0.01
    assert np.abs(steps - steps.round()).min() > 0.05
    assert 0.25 < relative[labelled].mean() < 0.35
