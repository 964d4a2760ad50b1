"""Reports as Markdown, LaTeX and JSON, and as a table for the terminal.

Tables print one decimal; the lines below them print the headline values with two decimals and their
intervals; JSON keeps every digit.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import json_tricks
import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from poseforge.evaluation.base import Report

Rows: TypeAlias = Sequence[tuple[str, Report]]

MISSING = "–"
FORMAT, VERSION = "poseforge-report", 1


def to_markdown(rows: Rows) -> str:
    """Return a table with a line a report, and below it what each number means.

    Args:
        rows: Labels and reports, in print order.
    """
    titles = _titles(rows)
    lines = [["", *titles], ["---", *["---:"] * len(titles)]]
    lines += [[label, *_cells(report, titles)] for label, report in rows]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    legend = [f"- {line}" for line in _legend(rows)]
    return "\n".join([*table, "", *legend]) + "\n"


def to_latex(rows: Rows) -> str:
    """Return the rows of a `tabular` with a comment for each number's meaning.

    Args:
        rows: Labels and reports, in print order.
    """
    titles = _titles(rows)
    lines = [["", *titles], *([label, *_cells(report, titles)] for label, report in rows)]
    table = [" & ".join(escape_latex(cell) for cell in line) + r" \\" for line in lines]
    legend = [f"% {line}" for line in _legend(rows)]
    return "\n".join([*legend, table[0], r"\midrule", *table[1:]]) + "\n"


def to_terminal(rows: Rows, title: str = "") -> Group:
    """Return a table for rich's console, and the meaning of each number below it.

    Args:
        rows: Labels and reports, in print order.
        title: What is printed above the table.
    """
    titles = _titles(rows)
    table = Table(
        title=Text(title) if title else None,
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", overflow="fold")  # where room is short the label wraps, not the numbers
    for column in titles:
        table.add_column(Text(column), justify="right", no_wrap=True)
    for label, report in rows:
        table.add_row(Text(label), *_cells(report, titles))
    # Text, not str: rich reads the square brackets of a metric's specification as markup.
    return Group(table, *(Text(line) for line in _legend(rows)))


def to_json(rows: Rows, *, protocol: str = "", **sections: Any) -> str:
    """Return the reports as text that any JSON reader reads; a number that is NaN becomes null.

    The same reports give the same text.

    Args:
        rows: Labels and reports, in order.
        protocol: What was scored and how, in words.
        sections: What else the document holds, by name: dataclasses, mappings, lists and scalars.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "protocol": protocol,
        "rows": [{"label": label, **_plain(report)} for label, report in rows],
        **{name: _plain(section) for name, section in sections.items()},
    }
    text: str = json_tricks.dumps(
        document, primitives=True, indent=2, allow_nan=False, ensure_ascii=False
    )
    return text + "\n"


def _titles(rows: Rows) -> list[str]:
    """Every column of any report, in the order of appearance."""
    return list(dict.fromkeys(title for _, report in rows for title in report.columns))


def _cells(report: Report, titles: Sequence[str]) -> list[str]:
    return [_decimal(report.columns.get(title, math.nan), 1) for title in titles]


def _decimal(value: float, digits: int) -> str:
    return MISSING if math.isnan(value) else f"{value:.{digits}f}"


def _legend(rows: Rows) -> list[str]:
    """Return a line a report with its intervals, then what the numbers are."""
    lines = []
    for label, report in rows:
        values = ", ".join(_value(name, report) for name in report.values)
        lines.append("; ".join([f"{label}: {values}", f"{report.people} people", *report.notes]))
    return [*lines, *dict.fromkeys(report.metric for _, report in rows)]


def _value(name: str, report: Report) -> str:
    text = f"{name} {_decimal(report.values[name], 2)}"
    if name not in report.intervals:
        return text
    low, high = report.intervals[name]
    return f"{text} (95 %: {_decimal(low, 2)} to {_decimal(high, 2)})"


def _plain(value: Any) -> Any:
    """Return what JSON can hold: dataclasses as objects, sequences as lists, NaN as null."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def escape_latex(text: str) -> str:
    """Return text that LaTeX prints as it is."""
    return re.sub(r"([#$%&_{}])", r"\\\1", text).replace("–", "--")
