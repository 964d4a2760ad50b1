"""Reports as Markdown, as JSON and as a table for the terminal.

Tables print one decimal; the lines below them print the headline values with two decimals and their
intervals; JSON keeps every digit.
"""

import math
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import json_tricks
from rich.table import Table
from rich.text import Text

from poseforge.evaluation.base import Report

Rows: TypeAlias = Sequence[tuple[str, Report]]

MISSING = "–"


def to_markdown(rows: Rows) -> str:
    """Return a table with a line a report, and below it what each number means.

    Args:
        rows: Labels and reports, in print order.
    """
    titles = _titles(rows)
    lines = [["", *titles], ["---", *["---:"] * len(titles)]]
    lines += [[label, *_cells(report, titles)] for label, report in rows]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    legend = [f"- {_explanation(label, report)}" for label, report in rows]
    return "\n".join([*table, "", *legend]) + "\n"


def to_terminal(rows: Rows, title: str = "") -> Table:
    """Return a table for rich's console, the meaning of each number in its caption.

    Args:
        rows: Labels and reports, in print order.
        title: What is printed above the table.
    """
    titles = _titles(rows)
    # Text, not str: rich reads the square brackets of a metric's specification as markup.
    caption = Text("\n".join(_explanation(label, report) for label, report in rows))
    table = Table(title=Text(title) if title else None, caption=caption, caption_justify="left")
    table.add_column("", no_wrap=True)
    for column in titles:
        table.add_column(Text(column), justify="right", no_wrap=True)
    for label, report in rows:
        table.add_row(Text(label), *_cells(report, titles))
    return table


def to_json(rows: Rows, *, protocol: str = "") -> str:
    """Return the reports as text that any JSON reader reads; a number that is NaN becomes null.

    The same reports give the same text.

    Args:
        rows: Labels and reports, in order.
        protocol: What was scored and how, in words.
    """
    document = {
        "protocol": protocol,
        "rows": [_record(label, report) for label, report in rows],
    }
    text: str = json_tricks.dumps(
        document, primitives=True, indent=2, allow_nan=False, ensure_ascii=False
    )
    return text + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a text to a file, whole or not at all.

    The text is written beside the file, then renamed: a reader sees the old text or the new.

    Args:
        path: Where to; an older file is replaced, missing folders are made.
        text: Written as UTF-8 with its line ends as they are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _titles(rows: Rows) -> list[str]:
    """Every column of any report, in the order of appearance."""
    return list(dict.fromkeys(title for _, report in rows for title in report.columns))


def _cells(report: Report, titles: Sequence[str]) -> list[str]:
    return [_decimal(report.columns.get(title, math.nan), 1) for title in titles]


def _decimal(value: float, digits: int) -> str:
    return MISSING if math.isnan(value) else f"{value:.{digits}f}"


def _explanation(label: str, report: Report) -> str:
    values = ", ".join(_value(name, report) for name in report.values)
    parts = [f"{label}: {values}", f"{report.people} people", *report.notes, report.metric]
    return "; ".join(parts)


def _value(name: str, report: Report) -> str:
    text = f"{name} {_decimal(report.values[name], 2)}"
    if name not in report.intervals:
        return text
    low, high = report.intervals[name]
    return f"{text} (95 % interval {_decimal(low, 2)} to {_decimal(high, 2)})"


def _record(label: str, report: Report) -> dict[str, Any]:
    return {
        "label": label,
        "metric": report.metric,
        "people": report.people,
        "values": {name: _finite(value) for name, value in report.values.items()},
        "intervals": {
            name: [_finite(low), _finite(high)] for name, (low, high) in report.intervals.items()
        },
        "columns": {title: _finite(value) for title, value in report.columns.items()},
        "notes": list(report.notes),
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
