"""One benchmark table of many runs, from their report.json files.

Numbers of different protocols never stand in one table: there is a table for each data set, crop
and metric specification, and its heading says which.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from poseforge.evaluation.report import FORMAT, MISSING, escape_latex

Style = Literal["markdown", "latex"]
NEEDED = ("label", "metric", "people", "values", "intervals", "columns")


@dataclass(frozen=True)
class Row:
    """A line of a benchmark table.

    Attributes:
        label: Model and test-time settings.
        protocol: Data set and crop, in words.
        metric: The metric's specification.
        people: How many people were scored.
        values: Scalars by name, the headline first; None where there is nothing to score.
        intervals: Their 95 % intervals.
        columns: Further columns, in print order.
        facts: What else is printed at the line's end, by title.
    """

    label: str
    protocol: str
    metric: str
    people: int
    values: Mapping[str, float | None]
    intervals: Mapping[str, Sequence[float | None]]
    columns: Mapping[str, float | None]
    facts: Mapping[str, str] = field(default_factory=dict)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a report.json, or of the one in a run's folder.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not a report.
    """
    file = path / "report.json" if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(
            f"there is no {file}; give report.json files, or folders of runs that hold one"
        )
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is damaged ({error}); write the report again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(
            f"{file} is not a report of PoseForge; give what tools/train.py, tools/test.py --json "
            "or tools/evaluate.py --json have written"
        )
    return [as_row(row, document["protocol"]) for row in document["rows"]]


def as_row(record: Mapping[str, Any], protocol: str, facts: Mapping[str, str] | None = None) -> Row:
    """Return a report's row from its JSON object."""
    return Row(protocol=protocol, facts=facts or {}, **{name: record[name] for name in NEEDED})


def benchmark_tables(rows: Iterable[Row], style: Style = "markdown") -> str:
    """Return a table for each protocol, in the order of appearance; equal lines stand once."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        group = groups.setdefault((row.protocol, row.metric), [])
        if row not in group:
            group.append(row)
    write = _markdown if style == "markdown" else _latex
    return "\n".join(
        write(f"{protocol}; {metric}", *_cells(group))
        for (protocol, metric), group in groups.items()
    )


def _cells(rows: Sequence[Row]) -> tuple[list[str], list[list[str]], int]:
    """Return titles, lines, and how many of the last columns are words."""
    headline = next(iter(rows[0].values))
    # The headline stands first and with its interval, so its plain column is left out.
    columns = dict.fromkeys(title for row in rows for title in row.columns if title != "Mean")
    facts = dict.fromkeys(title for row in rows for title in row.facts)
    lines = [
        [
            row.label,
            _with_interval(row.values.get(headline), row.intervals.get(headline)),
            *(_decimal(row.columns.get(title), 1) for title in columns),
            str(row.people),
            *(row.facts.get(title, MISSING) for title in facts),
        ]
        for row in rows
    ]
    return ["", f"{headline} (95 % interval)", *columns, "People", *facts], lines, len(facts)


def _with_interval(value: float | None, interval: Sequence[float | None] | None) -> str:
    text = _decimal(value, 2)
    if interval is None or None in interval:
        return text
    low, high = interval
    return f"{text} ({_decimal(low, 2)}–{_decimal(high, 2)})"


def _decimal(value: float | None, digits: int) -> str:
    return MISSING if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _markdown(heading: str, titles: list[str], lines: list[list[str]], words: int) -> str:
    numbers = range(1, len(titles) - words)
    rule = ["---:" if column in numbers else "---" for column in range(len(titles))]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (titles, rule, *lines)]
    return f"{heading}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _latex(heading: str, titles: list[str], lines: list[list[str]], words: int) -> str:
    columns = "l" + "r" * (len(titles) - words - 1) + "l" * words
    rows = [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in (titles, *lines)]
    return "\n".join(
        [
            f"% {heading}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            rows[0],
            r"\midrule",
            *rows[1:],
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )
