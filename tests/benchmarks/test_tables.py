from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.result import Result
from benchmarks.tables import fill, main

Write = Callable[[Result], Path]
DOCUMENT = "before\n<!-- table:{name} -->\nold\n<!-- end -->\nafter\n"


def document(folder: Path, name: str) -> Path:
    path = folder / "doc.md"
    path.write_text(DOCUMENT.format(name=name))
    return path


def test_a_document_is_checked_then_written_then_up_to_date(
    speed: Result, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path, results = document(tmp_path, "speed"), str(write(speed).parent)
    before = path.read_text()
    assert main(["--check", "--results", results, str(path)]) == 1
    assert "doc.md are out of date" in capsys.readouterr().out
    assert path.read_text() == before
    assert main(["--results", results, str(path)]) == 0
    assert main(["--check", "--results", results, str(path)]) == 0
    written = path.read_text()
    assert "| model: step | 100 | 90.0–110 | images/s |" in written
    assert "old" not in written
    assert written.startswith("before\n<!-- table:speed -->\n")
    assert written.endswith("<!-- end -->\nafter\n")


def test_the_accuracy_table_tells_intervals_and_unfinished_trainings(accuracy: Result):
    accuracy["machine"]["gpu"] = "NVIDIA H200"
    text = fill(DOCUMENT.format(name="accuracy"), [accuracy, accuracy], "doc.md")
    assert "lsp_test; crop: joints; PCK@0.2[torso]" in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[2] == (
        "| small | 60.00 (59.00–61.00) | 100 | 50 of 100 iterations | NVIDIA H200 | 0123456+ |"
    )
    assert lines[3].startswith("| mean pose in the box | 8.00 (7.00–9.00) |")
    assert len(lines) == 4  # equal lines come once


def test_the_agreement_table_says_what_is_not_equal(agreement: Result):
    text = fill(DOCUMENT.format(name="agreement"), [agreement], "doc.md")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[2] == (
        "| CPM | PCK@0.2 | 84.32 | 84.32 | 83.10–85.50 | yes | the paper | PCK@0.2[torso] |"
    )
    assert "| 84.33 | 84.32 | 83.10–85.50 | **no** |" in lines[3]


def test_a_pattern_chooses_results(speed: Result):
    chosen = fill(DOCUMENT.format(name="speed rat*"), [speed], "doc.md")
    none = fill(DOCUMENT.format(name="speed other*"), [speed], "doc.md")
    assert "model: step" in chosen
    assert "No result file yet." in none


def test_a_second_pattern_chooses_measurements(speed: Result):
    speed["measurements"].append({**speed["measurements"][0], "name": "loader"})
    text = fill(DOCUMENT.format(name="speed rate load*"), [speed], "doc.md")
    assert "loader" in text
    assert "model: step" not in text


def test_a_bar_in_a_cell_does_not_end_it(speed: Result):
    speed["measurements"][0]["name"] = "a|b"
    assert "a\\|b" in fill(DOCUMENT.format(name="speed"), [speed], "doc.md")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!-- table:speed -->\n", "has no line <!-- end -->"),
        ("<!-- table:speed -->\n<!-- table:speed -->\n<!-- end -->\n", "has no line <!-- end -->"),
        ("<!-- table:size -->\n<!-- end -->\n", "no table of kind 'size'"),
    ],
)
def test_a_wrong_marker_is_an_error(text: str, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message):
        fill(text, [], "doc.md")
    path = tmp_path / "doc.md"
    path.write_text(text)
    assert main(["--check", "--results", str(tmp_path), str(path)]) == 2


def test_the_documents_of_the_house_are_up_to_date():
    assert main(["--check"]) == 0
