import json

import numpy as np
import pytest

from benchmarks.planted_sides import PlantedSides, plant
from benchmarks.result import check_result
from benchmarks.side_remedies import main, remedies


def test_most_of_what_was_planted_is_found_and_nothing_else(tmp_path):
    _, _, file = plant(tmp_path)
    corrections = json.loads(file.read_text())["data"]["planted"]["corrections"]
    data = PlantedSides()
    found = np.isin(data.people.ids, [who for who, c in corrections.items() if c["do"] == "mirror"])
    assert data.planted.sum() > 20
    assert found[data.planted].mean() > 0.5  # of the others, seen from the side, none can tell
    assert not found[~data.planted].any()
    assert len(corrections) == found.sum()


@pytest.mark.slow
def test_remedies_are_trained_and_compared_with_the_control(tmp_path):
    chosen = ["relabelled", "flip consistency"]
    folders = ["--work-dir", str(tmp_path / "runs"), "--out", str(tmp_path / "results")]
    assert main(["--tiny", "--remedies", *chosen, *folders]) == 0
    [path] = (tmp_path / "results").iterdir()
    result = check_result(path)
    assert result["settings"]["tiny"]
    labels = [f"{name}, seed 0{flip}" for name in ("control", *chosen) for flip in ("", " + flip")]
    by_label = {row["label"]: row["values"]["PCK@0.2"] for row in result["rows"]}
    assert list(by_label) == list(result["errors"]) == labels
    for name in chosen:
        folder = tmp_path / "runs" / f"{name.replace(' ', '_')}_0"
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["data"]["train"]["people"] == 160
    gains = {item["name"]: item["values"] for item in result["measurements"]}
    assert len(gains) == 5 * 3
    gain = by_label["flip consistency, seed 0 + flip"] - by_label["control, seed 0"]
    assert gains["flip consistency, flip: PCK@0.2"] == pytest.approx([gain])
    assert result["settings"]["corrections"]["data"]["planted"]["mirror"] > 10


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "give a config, a checkpoint and --corrections, or --tiny"),
        (["--tiny", "--remedies", "prayer"], "there is no remedy 'prayer'; there is control, "),
    ],
)
def test_what_is_missing_or_unknown_is_said(capsys, tmp_path, arguments, complaint):
    assert main([*arguments, "--work-dir", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("name", ["relabelled", "outliers dropped", "linter's outliers dropped"])
def test_corrections_go_into_each_part_of_a_combination(tmp_path, name):
    part = {"type": "LSP", "split": "fit"}
    whole = {"type": "Combined", "datasets": [part, part], "ratios": [3.0, 1.0]}
    values = {"train_dataloader": {"dataset": whole}}
    remedies(tmp_path / "c.json", tmp_path / "l.json", 1.0)[name](values)
    found = values["train_dataloader"]["dataset"]
    assert found["ratios"] == [3.0, 1.0]
    file = tmp_path / ("l.json" if "linter" in name else "c.json")
    action = "mirror" if name == "relabelled" else "drop"
    for wrapped in found["datasets"]:
        assert wrapped == dict(type="Corrected", dataset=part, file=str(file), actions=[action])
