import copy

import pytest

from benchmarks.lsp_models import MODELS
from benchmarks.result import Result
from benchmarks.tables import fill
from benchmarks.training_table import SHORT, TITLES, training_lines
from poseforge.evaluation.report import MISSING
from poseforge.profiling.result_file import measurement


@pytest.fixture
def trained(accuracy: Result) -> Result:
    """A training of the compact model on a GPU, which was stopped half way."""
    result = copy.deepcopy(accuracy)
    result["name"] = "lsp_compact"
    result["machine"]["gpu"] = "NVIDIA H200"
    result["measurements"] = [measurement("training steps", "s", [300.0])]
    plain, floor = result["rows"]
    plain["label"] = "compact_lsp"
    flip = {**plain, "label": "compact_lsp + flip", "values": {**plain["values"], "PCK@0.2": 61.5}}
    result["rows"] = [plain, floor, flip]
    result["errors"] = {"compact_lsp": {"either_side": 66.25}}
    return result


@pytest.fixture
def speeds(speed: Result) -> Result:
    """Images a second of a training step of the compact model: 110, 90 and 100."""
    (item,) = speed["measurements"]
    item["name"] = "compact_lsp: training step, model alone"
    speed["name"] = "throughput_lsp_bf16"
    speed["machine"]["gpu"] = "NVIDIA H100"
    return speed


def test_a_training_stands_with_how_it_was_made_and_tested(trained: Result, speeds: Result):
    plain, flip, *others = training_lines([trained, speeds], short=False)
    assert plain == {
        "Model": "Compact",
        "Input": "128 × 128",
        "Parameters": "2.3 M",
        "GMACs": "0.19",
        "Images/s": "100 (NVIDIA H100)",
        "PCK@0.2 (95 % interval)": "60.00 (59.00–61.00)",
        "PCK@0.1": "60.00",
        "AUC": "60.00",
        "Left = right": "66.25",
        "Training": "5 min, NVIDIA H200, 50 of 100 iterations",
        "Command or source": "`python -m benchmarks.lsp_training compact`",
    }
    assert flip["Model"] == "Compact + flip"
    assert flip["PCK@0.2 (95 % interval)"].startswith("61.50")
    assert flip["Left = right"] == MISSING
    assert all(set(line) >= set(TITLES) for line in others)


def test_the_short_table_has_the_flip_test_only(trained: Result):
    first, second, *_ = training_lines([trained], short=True)
    assert first["Model"] == "Compact + flip"
    assert second["Model"] != "Compact"


def test_what_is_not_trained_says_so_and_has_no_number(agreement: Result):
    lines = training_lines([], short=True)
    people = [model for model in MODELS.values() if model.sees_crops]
    *models, published = lines
    assert [line["Model"] for line in models] == [model.title for model in people]
    assert {line["PCK@0.2 (95 % interval)"] for line in models} == {"not trained yet"}
    assert {line["Images/s"] for line in models} == {"not measured yet"}
    assert {line[title] for line in models for title in ("PCK@0.1", "AUC", "Training")} == {MISSING}
    assert published["PCK@0.2 (95 % interval)"] == "90.50"


def test_published_numbers_stand_beside_what_is_measured_on_their_predictions(agreement: Result):
    row = agreement["rows"][0]
    title = "CPM on LSP, person-centric"
    numbers = {"PCK@0.2": 84.32, "PCK@0.1": 71.16, "AUC": 59.29}
    agreement["rows"] = [
        {**row, "predictions": title, "number": name, "published": value}
        for name, value in numbers.items()
    ]
    agreement["errors"] = {title: {"either_side": 89.72}}
    text = fill("<!-- table:trainings short -->\n<!-- end -->\n", [agreement], "doc.md")
    lines = text.splitlines()
    assert lines[1] == f"| {' | '.join(SHORT)} |"
    assert "| CPM, published: LSP and LSPET | – | – | 84.32 (83.10–85.50) | 89.72 | – |" in lines
