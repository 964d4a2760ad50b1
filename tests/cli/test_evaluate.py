import json

import numpy as np
import pytest

from poseforge.datasets import SyntheticPeople
from poseforge.formats.predictions import write_json, write_npz
from poseforge.formats.truth import Truth, write_truth
from poseforge.formats.truth.base import unpictured
from poseforge.structures import SKELETONS, Predictions

LSP = SKELETONS["lsp14"]
PEOPLE = 40
IDS = np.array([f"person{number:02d}" for number in range(PEOPLE)])


@pytest.fixture
def points():
    return np.random.default_rng(0).uniform(20, 200, size=(PEOPLE, 14, 2)).astype(np.float32)


@pytest.fixture
def truth(tmp_path, points):
    visible = np.full((PEOPLE, 14), 2, np.float32)
    path = tmp_path / "truth.npz"
    write_truth(Truth("made_up", LSP, unpictured(points, visible, IDS), "all labels"), path)
    return path


@pytest.fixture
def file_of(tmp_path):
    def write(name, keypoints, ids=IDS):
        path = tmp_path / name
        predictions = Predictions(ids, keypoints.astype(np.float32), np.ones(keypoints.shape[:2]))
        (write_json if path.suffix == ".json" else write_npz)(predictions, LSP, path)
        return path

    return write


@pytest.fixture
def evaluate(run, truth):
    def call(*arguments, status=0):
        found, output, errors = run("evaluate", "--ground-truth", truth, *arguments)
        assert found == status, errors
        return errors if status else output

    return call


def test_the_truth_scores_100_by_every_metric_of_its_data_set(evaluate, file_of, points):
    output = evaluate("--predictions", file_of("p.npz", points))
    for number in ("PCK@0.2 100.00", "PCP strict@0.5 100.00", "PCP loose@0.5 100.00"):
        assert number in output
    assert "on made_up, 40 people; all labels" in output


def test_people_are_joined_by_id_and_not_by_position(evaluate, file_of, points):
    order = np.random.default_rng(1).permutation(PEOPLE)
    output = evaluate("--predictions", file_of("p.json", points[order], IDS[order]))
    assert "PCK@0.2 100.00" in output


def test_swapped_sides_are_called_inversions(evaluate, file_of, points, tmp_path):
    path = tmp_path / "r.json"
    file = file_of("p.npz", points[:, LSP.flip_indices])
    evaluate("--predictions", file, "--metric", "PCK", "--json", path)
    errors = json.loads(path.read_text(encoding="utf-8"))["errors"]["p"]
    assert errors["joints"]["neck"]["good"]["percent"] == 100
    assert errors["kinds"]["inversion"]["joints"] > 400
    # With every inversion mended nothing else is left but what jitters.
    score, jitter = errors["score"], errors["kinds"]["jitter"]["gain"]
    assert score + errors["kinds"]["inversion"]["gain"] == pytest.approx(100 - jitter)


def test_two_files_are_compared(evaluate, file_of, points):
    rng = np.random.default_rng(2)
    a = file_of("near.npz", points + rng.normal(0, 4, points.shape))
    b = file_of("far.npz", points + rng.normal(0, 12, points.shape))
    output = evaluate("--predictions", a, b, "--metric", "PCK", "EPE")
    lines = [line for line in output.splitlines() if "difference" in line]
    assert "A is near, B is far" in output
    assert all("A above B" in line for line in lines if line.startswith(("PCK@0.2", "EPE")))
    same = evaluate("--predictions", a, file_of("again.npz", points + 0), "--metric", "PCK")
    assert "B above A" in same


def test_metrics_take_arguments(evaluate, file_of, points):
    file = file_of("p.npz", points)
    output = evaluate(
        "--predictions", file, "--metric", "PCK(reference='box', thresholds=(0.5, 0.05))"
    )
    assert "PCK@0.5 100.00" in output
    assert "longest side around the labelled joints" in output


def test_a_report_is_the_same_to_the_byte(evaluate, file_of, points, tmp_path):
    rng = np.random.default_rng(3)
    file = file_of("p.npz", points + rng.normal(0, 9, points.shape))
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        evaluate("--predictions", file, "--report", folder)
    names = sorted(path.name for path in folders[0].iterdir())
    assert {"report.json", "report.md", "report.tex", "errors.png", "pck_curves.png"} <= set(names)
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_people_are_shown_where_there_are_images(run, file_of, tmp_path):
    config = tmp_path / "made.py"
    config.write_text(
        "test_dataloader = dict(batch_size=2, dataset=dict(type='SyntheticPeople', "
        "num_people=6, seed=1, size=64), transforms=[])\nmetrics = [dict(type='PCK')]\n"
    )
    people = SyntheticPeople(6, seed=1, size=64).people
    noise = np.random.default_rng(0).normal(0, 12, people.keypoints.shape)
    file = file_of("p.npz", people.keypoints + noise, people.ids)
    status, _, errors = run(
        "evaluate", "--dataset", config, "--predictions", file, "--plots", tmp_path / "out"
    )
    assert status == 0, errors
    assert (tmp_path / "out" / "predictions.jpg").is_file()
    assert list((tmp_path / "out").glob("worst_*.jpg"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda k, ids: (k[1:], ids[1:]), "have none (person00)"),
        (lambda k, ids: (k, np.char.add(ids, "x")), "unknown people"),
        (lambda k, ids: (k, np.repeat(ids[:1], len(ids))), "person00"),
        (lambda k, ids: (k * 3, ids), "times as large"),
    ],
)
def test_predictions_for_others_are_refused_in_a_sentence(
    evaluate, file_of, points, change, message
):
    keypoints, ids = change(points, IDS)
    errors = evaluate("--predictions", file_of("p.npz", keypoints, ids), status=2)
    assert message in errors
    assert "Traceback" not in errors
    assert errors.startswith("error: p: ") or "p.npz" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--metric", "PCKx"], "PCKx"),
        (["--metric", "PCK(1)"], "is not understood"),
        (["--metric", "PCK(threshold=1)"], "threshold"),
        (["--metric", "PCK(reference=open('x'))"], "is not understood"),
        (["--dataset", "leeds"], "is neither lsp, mpii, flic, coco nor a config"),
        (["--metric", "PCKh"], "no head boxes"),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(evaluate, file_of, points, arguments, message):
    errors = evaluate("--predictions", file_of("p.npz", points), *arguments, status=2)
    assert message in errors
    assert "Traceback" not in errors


def test_something_to_score_against_is_needed(run, file_of, points):
    status, _, errors = run("evaluate", "--predictions", file_of("p.npz", points))
    assert status == 2
    assert "give --dataset, --ground-truth, or both" in errors
