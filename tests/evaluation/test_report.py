import io
import json

import numpy as np
import pytest
from rich.console import Console

from poseforge.evaluation import Report, to_json, to_latex, to_markdown, to_terminal
from poseforge.evaluation.base import Curve


@pytest.fixture
def rows():
    first = Report(
        metric="PCK@0.2[torso=a-b, ≤]",
        values={"PCK@0.2": np.float64(84.321428), "AUC": 59.285178},
        columns={"Head": 96.87, "Mean": 84.321428, "AUC": 59.285178},
        people=1000,
        intervals={"PCK@0.2": (83.0642, 85.5571)},
        notes=("3 of 1003 people left out: their torso is not labelled",),
    )
    second = Report(
        metric="PCK@0.5[head=a-b, ≤]",
        values={"PCK@0.5": float("nan")},
        columns={"Head": float("nan"), "Knee": 7.04},
        people=2,
    )
    return [("cpm|lsp", first), ("[bold]other", second)]


def test_markdown_joins_the_columns_and_explains_each_row(rows):
    assert to_markdown(rows).splitlines() == [
        "|  | Head | Mean | AUC | Knee |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| cpm\\|lsp | 96.9 | 84.3 | 59.3 | – |",
        "| [bold]other | – | – | – | 7.0 |",
        "",
        "- cpm|lsp: PCK@0.2 84.32 (95 %: 83.06 to 85.56), AUC 59.29; 1000 people; "
        "3 of 1003 people left out: their torso is not labelled",
        "- [bold]other: PCK@0.5 –; 2 people",
        "- PCK@0.2[torso=a-b, ≤]",
        "- PCK@0.5[head=a-b, ≤]",
    ]


def test_terminal_prints_square_brackets_as_they_are(rows):
    console = Console(width=120, file=io.StringIO())
    console.print(to_terminal(rows, title="Test [half]"))
    text = console.file.getvalue()
    for expected in ("Test [half]", "[bold]other", "PCK@0.2[torso=a-b, ≤]", "84.3", "cpm|lsp"):
        assert expected in text


def test_json_is_read_by_any_reader_with_every_digit(rows):
    text = to_json(rows, protocol="test half, torso ≤ 0.2")
    document = json.loads(text, parse_constant=pytest.fail)
    assert document["protocol"] == "test half, torso ≤ 0.2"
    first, second = document["rows"]
    assert first["label"] == "cpm|lsp"
    assert first["values"] == {"PCK@0.2": 84.321428, "AUC": 59.285178}
    assert first["intervals"] == {"PCK@0.2": [83.0642, 85.5571]}
    assert first["columns"]["Head"] == 96.87
    assert first["people"] == 1000
    assert first["notes"] == list(rows[0][1].notes)
    assert second["values"] == {"PCK@0.5": None}


def test_the_same_reports_give_the_same_text(rows):
    assert to_json(rows) == to_json(list(rows))


def test_json_holds_joints_curves_and_further_sections():
    report = Report(
        metric="PCK",
        values={"PCK@0.2": 50.0},
        columns={},
        people=1,
        joints={"neck": np.float64(50)},
        joint_intervals={"neck": (40.0, float("nan"))},
        curves={"Mean": Curve((0.0, 0.2), (0.0, 50.0), (0.0, 40.0), (0.0, 60.0))},
    )
    document = json.loads(to_json([("a", report)], comparisons=[{"a": np.int64(3)}]))
    assert document["comparisons"] == [{"a": 3}]
    row = document["rows"][0]
    assert row["joints"] == {"neck": 50}
    assert row["joint_intervals"] == {"neck": [40, None]}
    assert row["curves"]["Mean"]["high"] == [0, 60]


def test_latex_escapes_what_latex_reads_as_commands(rows):
    text = to_latex([("cpm_lsp & 50 %", rows[0][1]), rows[1]])
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    assert lines == [
        r" & Head & Mean & AUC & Knee \\",
        r"\midrule",
        r"cpm\_lsp \& 50 \% & 96.9 & 84.3 & 59.3 & -- \\",
        r"[bold]other & -- & -- & -- & 7.0 \\",
    ]
    assert "% PCK@0.2[torso=a-b, ≤]" in text
