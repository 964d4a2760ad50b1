"""An evaluation as a folder: report.json, Markdown, LaTeX rows and pictures."""

from pathlib import Path

from poseforge.datasets.base import PoseDataset
from poseforge.evaluation.report import Rows, to_json, to_latex, to_markdown
from poseforge.files import write_text
from poseforge.reports.evaluation import Evaluation
from poseforge.reports.pictures import write_people, write_plots
from poseforge.reports.text import comparison_lines, error_lines


def write_report(folder: Path, evaluation: Evaluation, dataset: PoseDataset | None) -> None:
    """Write `report.json`, `report.md`, `report.tex` and the pictures.

    The same predictions for the same people give the same files to the byte.

    Args:
        folder: Where to; older files of the same names are replaced.
        evaluation: What was found.
        dataset: Whose images the people are shown on; None shows no people.
    """
    write_text(folder / "report.json", report_json(evaluation))
    write_text(folder / "report.md", report_markdown(evaluation))
    write_text(folder / "report.tex", to_latex(evaluation.rows))
    write_pictures(folder, evaluation, dataset)


def write_pictures(folder: Path, evaluation: Evaluation, dataset: PoseDataset | None) -> None:
    """Write the pictures only; see `write_report`."""
    write_plots(folder, evaluation)
    if dataset is not None:
        write_people(folder, evaluation, dataset)


def report_json(evaluation: Evaluation, more_rows: Rows = ()) -> str:
    """Return everything that was found, as JSON; the same evaluation gives the same text.

    Args:
        evaluation: What was found.
        more_rows: Labels and reports to stand beside it, such as the mean pose's.
    """
    return to_json(
        [*evaluation.rows, *more_rows],
        protocol=evaluation.protocol,
        errors={
            model.label: model.diagnosis.findings
            for model in evaluation.models
            if model.diagnosis is not None
        },
        comparisons=evaluation.comparisons,
    )


def report_markdown(evaluation: Evaluation) -> str:
    """Return tables, errors and comparisons as Markdown."""
    words = [*error_lines(evaluation), *comparison_lines(evaluation)]
    lines = "".join(f"- {line}\n" for line in words)
    return f"{evaluation.protocol}\n\n{to_markdown(evaluation.rows)}\n{lines}"
