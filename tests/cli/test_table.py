import json

import pytest

from poseforge.evaluation import Report, to_json


def write(path, label, protocol="lsp, 10 people", metric="PCK@0.2[torso]", low=50.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    report = Report(
        metric=metric,
        values={"PCK@0.2": 60.0, "AUC": float("nan")},
        columns={"Head": 96.87, "Mean": 60.0, "AUC": float("nan")},
        people=10,
        intervals={"PCK@0.2": (low, 70.0), "AUC": (float("nan"), float("nan"))},
    )
    path.write_text(to_json([(label, report)], protocol=protocol), encoding="utf-8")
    return path


def test_runs_of_one_protocol_share_a_table_and_others_do_not(run, tmp_path):
    files = [
        write(tmp_path / "a.json", "one"),
        write(tmp_path / "two" / "report.json", "two").parent,
        write(tmp_path / "c.json", "three", metric="PCK@0.2[box]"),
        write(tmp_path / "d.json", "one"),
    ]
    status, output, errors = run("table", *files)
    assert status == 0, errors
    assert output.splitlines() == [
        "lsp, 10 people; PCK@0.2[torso]",
        "",
        "|  | PCK@0.2 (95 % interval) | Head | AUC | People |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| one | 60.00 (50.00–70.00) | 96.9 | – | 10 |",
        "| two | 60.00 (50.00–70.00) | 96.9 | – | 10 |",
        "",
        "lsp, 10 people; PCK@0.2[box]",
        "",
        "|  | PCK@0.2 (95 % interval) | Head | AUC | People |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| three | 60.00 (50.00–70.00) | 96.9 | – | 10 |",
    ]


def test_latex_goes_to_a_file(run, tmp_path):
    path = tmp_path / "table.tex"
    report = write(tmp_path / "a.json", "cpm_lsp")
    assert run("table", report, "--format", "latex", "--output", path)[0] == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    assert r"\begin{tabular}{lrrrr}" in lines
    assert r"cpm\_lsp & 60.00 (50.00--70.00) & 96.9 & -- & 10 \\" in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no"),
        ("{", "is damaged"),
        (json.dumps([1]), "is not a report of PoseForge"),
        (json.dumps({"rows": []}), "is not a report of PoseForge"),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence(run, tmp_path, text, message):
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text)
    status, _, errors = run("table", path)
    assert status == 2
    assert message in errors
    assert "Traceback" not in errors
