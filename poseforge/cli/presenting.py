"""What a benchmark found, on the terminal and in files."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from poseforge.files import write_text

if TYPE_CHECKING:
    from poseforge.engine.benchmark import BenchmarkResult

FLOOR = "mean pose in the box"


def present(
    result: "BenchmarkResult",
    console: Console,
    *,
    markdown: Path | None = None,
    json: Path | None = None,
    dump: Path | None = None,
    report: Path | None = None,
) -> None:
    """Print a result's tables and write the files that were asked for."""
    from poseforge.evaluation.report import to_markdown, to_terminal
    from poseforge.reports.folder import report_json, write_report
    from poseforge.reports.text import error_lines

    evaluation, floor = result.evaluation, [(FLOOR, found) for found in result.floor]
    rows = []
    for number in range(len(evaluation.models[-1].reports)):
        table = [(model.label, model.reports[number]) for model in evaluation.models]
        table += floor[number : number + 1]
        console.print(to_terminal(table))
        rows += table
    console.print(f"on {evaluation.protocol}", soft_wrap=True)
    for line in error_lines(evaluation):
        console.print(line, soft_wrap=True)
    if not floor:
        console.print("no mean pose: nobody in the training data has every keypoint labelled")
    if markdown:
        write_text(markdown, f"{to_markdown(rows)}\n{evaluation.protocol}\n")
    if json:
        write_text(json, report_json(evaluation, floor))
    if dump:
        from poseforge.formats.predictions import write_predictions

        write_predictions(result.predictions, result.dataset.skeleton, dump)
    if report:
        write_report(report, evaluation, result.dataset)
