import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from poseforge.profiling.outputs.files import write_csv, write_json
from tests.profiling.made_up_profile import cpm_profile


def test_json_has_every_number_under_its_name(tmp_path: Path) -> None:
    profile = cpm_profile("cuda")
    path = tmp_path / "new" / "profile.json"
    write_json(profile, path)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["schema"] == 1
    assert found["step_s"] == list(profile.step_s)
    assert [layer["name"] for layer in found["layers"]] == [layer.name for layer in profile.layers]
    for layer, record in zip(profile.layers, found["layers"], strict=True):
        assert record["own_s"] == list(layer.own_s)
        assert record["work"]["flops"] == layer.work.flops
        assert len(record["kernels"]) == len(layer.kernels)
        if layer.limit is not None:
            assert record["of_limit"] == layer.limit.seconds / layer.own_s.median
    assert [entry.name for entry in path.parent.iterdir()] == ["profile.json"]


def test_csv_sums_to_the_step(tmp_path: Path) -> None:
    profile = cpm_profile("cuda")
    write_csv(profile, tmp_path / "layers.csv")
    with (tmp_path / "layers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == [layer.name for layer in profile.layers]
    assert sum(float(row["own_seconds_median"]) for row in rows) == pytest.approx(profile.layers_s)
    assert sum(float(row["share_of_step"]) for row in rows) == pytest.approx(1)
    first = next(row for row in rows if row["layer"] == "backbone.first.0.0.0")
    assert int(first["flops"]) == 3 * 2 * 16 * 368**2 * 3 * 128 * 81
    assert int(first["written_bytes"]) == 3 * 4 * 16 * 368**2 * 128
    assert int(first["parameters"]) == 3 * 128 * 81 + 128
    limit = float(first["limit_seconds"]) / float(first["own_seconds_median"])
    assert float(first["fraction_of_limit"]) == pytest.approx(limit)
    assert float(first["kernel_launches"]) == 5


def test_csv_leaves_empty_what_is_not_known(tmp_path: Path) -> None:
    write_csv(cpm_profile("cpu", "infer"), tmp_path / "layers.csv")
    with (tmp_path / "layers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unknown = ("backward_seconds_median", "kernel_seconds", "kernel_launches", "peak_bytes")
    assert {row[name] for row in rows for name in unknown} == {""}
    assert rows[0]["bound"] == ""


def test_numbers_that_json_does_not_know_are_refused_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    write_json(cpm_profile("cpu"), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write_json(replace(cpm_profile("cpu"), layers_s=float("nan")), path)
    assert path.read_bytes() == before
    json.loads(before)
