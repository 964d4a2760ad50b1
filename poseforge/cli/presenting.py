"""What a benchmark found, on the terminal and in files."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from poseforge.files import write_text

if TYPE_CHECKING:
    from poseforge.engine.benchmark import BenchmarkResult


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
    from poseforge.evaluation.report import to_json, to_markdown, to_terminal

    rows = []
    for number, found in enumerate(result.reports):
        table = [(label, reports[number]) for label, reports in result.earlier]
        table.append((result.label, found))
        table += [("mean pose in the box", floor) for floor in result.floor[number : number + 1]]
        console.print(to_terminal(table))
        rows += table
    console.print(f"on {result.protocol}", soft_wrap=True)
    if not result.floor:
        console.print("no mean pose: nobody in the training data has every keypoint labelled")
    if markdown:
        write_text(markdown, f"{to_markdown(rows)}\n{result.protocol}\n")
    if json:
        write_text(json, to_json(rows, protocol=result.protocol))
    if dump:
        from poseforge.formats.predictions import write_npz

        write_npz(result.predictions, result.dataset.skeleton, dump)
    if report:
        from poseforge.reports.evaluation import evaluate
        from poseforge.reports.folder import write_report
        from poseforge.reports.scoring import truth_of

        truth = truth_of(result.dataset)
        evaluation = evaluate({result.label: result.predictions}, truth, result.metrics)
        write_report(report, evaluation, result.dataset)
