import json

import numpy as np
import pytest

from benchmarks.planted_sides import PlantedSides, plant
from benchmarks.result import check_result
from benchmarks.side_remedies import main


def test_most_of_what_was_planted_is_found_and_nothing_else(tmp_path):
    _, _, file = plant(tmp_path)
    corrections = json.loads(file.read_text())["data"]["planted"]["corrections"]
    data = PlantedSides()
    found = np.isin(data.people.ids, [who for who, c in corrections.items() if c["do"] == "mirror"])
    assert data.planted.sum() > 20
    assert found[data.planted].mean() > 0.5  # of the others, seen from the side, none can tell
    assert not found[~data.planted].any()
    assert len(corrections) == found.sum()


def test_every_remedy_is_trained_and_compared_with_the_control(tmp_path):
    folders = ["--work-dir", str(tmp_path / "runs"), "--out", str(tmp_path / "results")]
    assert main(["--tiny", "--seeds", "0", "1", *folders]) == 0
    [path] = (tmp_path / "results").iterdir()
    result = check_result(path)
    assert result["settings"]["tiny"]
    remedies = {row["label"].split(", seed")[0] for row in result["rows"]}
    assert len(remedies) == 5
    assert len(result["rows"]) == len(result["errors"]) == 5 * 2 * 2
    by_label = {row["label"]: row["values"]["PCK@0.2"] for row in result["rows"]}
    names = {item["name"]: item["values"] for item in result["measurements"]}
    assert len(names) == (5 * 2 - 1) * 3
    gains = [
        by_label[f"flip consistency, seed {seed} + flip"] - by_label[f"control, seed {seed}"]
        for seed in (0, 1)
    ]
    assert names["flip consistency, flip: PCK@0.2"] == pytest.approx(gains)
    assert "synthetic" not in json.dumps(result["settings"]["corrections"]["data"]["planted"])


def test_what_is_missing_is_said(capsys):
    assert main([]) == 2
    assert "give a config, a checkpoint and --corrections, or --tiny" in capsys.readouterr().err
