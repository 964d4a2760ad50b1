"""What a benchmark found, on the terminal and in files."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from poseforge.files import replacing, write_text

if TYPE_CHECKING:
    from poseforge.engine.benchmark import BenchmarkResult


def present(
    result: "BenchmarkResult",
    console: Console,
    *,
    markdown: Path | None = None,
    json: Path | None = None,
    dump: Path | None = None,
) -> None:
    """Print a result's table and write the files that were asked for."""
    from poseforge.evaluation.report import to_json, to_markdown, to_terminal

    for model, floor in zip(result.reports, result.floor, strict=True):
        console.print(to_terminal([(result.label, model), ("mean pose in the box", floor)]))
    console.print(f"on {result.protocol}", soft_wrap=True)
    rows = [
        row
        for model, floor in zip(result.reports, result.floor, strict=True)
        for row in ((result.label, model), ("mean pose in the box", floor))
    ]
    if markdown:
        write_text(markdown, f"{to_markdown(rows)}\n{result.protocol}\n")
    if json:
        write_text(json, to_json(rows, protocol=result.protocol))
    if dump:
        _dump(result, dump)


def _dump(result: "BenchmarkResult", path: Path) -> None:
    import numpy as np

    with replacing(path) as aside:
        np.savez_compressed(
            aside,
            ids=result.dataset.people.ids,
            keypoints=result.predictions.keypoints,
            scores=result.predictions.scores,
        )
