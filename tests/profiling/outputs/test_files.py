import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from poseforge.profiling.outputs.files import read_profile, write_csv, write_json
from tests.profiling.made_up_profile import cpm_profile, deep_profile


@pytest.mark.parametrize(
    "profile",
    [cpm_profile("cpu"), cpm_profile("cuda"), cpm_profile("cpu", "infer"), deep_profile(300)],
    ids=["cpu", "cuda", "infer", "deep"],
)
def test_json_reads_back_the_same(tmp_path: Path, profile) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "new" / "profile.json"
    write_json(profile, path)
    assert read_profile(path) == profile
    assert [entry.name for entry in path.parent.iterdir()] == ["profile.json"]


def test_a_bare_profile_reads_back_the_same(tmp_path: Path) -> None:
    profile = replace(cpm_profile("cpu"), loading=None, commit=None, trials=(), notes=())
    write_json(profile, tmp_path / "p.json")
    assert read_profile(tmp_path / "p.json") == profile


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


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "name": "x"}'])
def test_what_is_no_profile_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "profile.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"profile.json holds no profile; give a profile.json"):
        read_profile(path)


def test_numbers_that_json_does_not_know_are_refused_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    write_json(cpm_profile("cpu"), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write_json(replace(cpm_profile("cpu"), layers_s=float("nan")), path)
    assert path.read_bytes() == before
    json.loads(before)
