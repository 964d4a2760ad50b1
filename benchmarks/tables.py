"""Write the tables of README.md and docs/*.md from the result files.

    python -m benchmarks.tables            write them
    python -m benchmarks.tables --check    exit 1 where a document is out of date

A table stands between a line `<!-- table:NAME -->` and a line `<!-- end -->`. NAME is a kind,
"accuracy", "agreement", "ceiling", "errors" or "speed", alone or with a pattern for the results'
names, and for speed one for the measurements' names: `speed throughput_*`,
`speed metric_speed *50000*`. Or it is "trainings", alone or as `trainings short`.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from benchmarks.result import RESULTS, Result, check_result
from benchmarks.training_table import SHORT, TITLES, training_lines
from poseforge.evaluation.report import MISSING
from poseforge.files import write_text
from poseforge.reports.table import as_row, benchmark_tables

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"^<!-- table:(?P<name>[^\n]*?) -->\n(?P<table>.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL
)
START = re.compile(r"^<!-- table:([^\n]*?) -->$", re.MULTILINE)
Cells = Sequence[str]
ERRORS = ("Jitter", "Inversion", "Swap", "Miss")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check all tables; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the documents' tables from result files.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if need be")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of result files")
    parser.add_argument("documents", nargs="*", type=Path, help="default README.md and docs")
    options = parser.parse_args(arguments)
    documents = options.documents or [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
    status = 0
    try:
        results = [check_result(path) for path in sorted(options.results.glob("*.json"))]
        for path in documents:
            before = path.read_text(encoding="utf-8")
            after = fill(before, results, path.name)
            if after == before:
                continue
            if options.check:
                print(f"the tables of {path.name} are out of date: run python -m benchmarks.tables")
                status = 1
            else:
                write_text(path, after)
                print(f"wrote the tables of {path.name}")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return status


def fill(text: str, results: Iterable[Result], document: str) -> str:
    """Return a document's text with all its tables made anew.

    Raises:
        ValueError: A table has no end, or is of no known kind.
    """
    blocks, starts = BLOCK.findall(text), START.findall(text)
    if len(blocks) != len(starts) or any(START.search(table) for _, table in blocks):
        raise ValueError(f"{document}: a table among {starts} has no line <!-- end --> of its own")
    chosen = list(results)

    def replace(block: re.Match[str]) -> str:
        name = block["name"]
        return f"<!-- table:{name} -->\n{make_table(name, chosen, document)}<!-- end -->"

    return BLOCK.sub(replace, text)


def make_table(name: str, results: Sequence[Result], document: str) -> str:
    """Return the table that a marker names.

    Raises:
        ValueError: Its kind is not known.
    """
    kind, _, patterns = name.partition(" ")
    if kind == "trainings":
        return trainings_table(results, short=patterns == "short")
    pattern, _, wanted = patterns.partition(" ")
    makers = {
        "accuracy": accuracy_table,
        "agreement": agreement_table,
        "errors": errors_table,
        "ceiling": ceiling_table,
        "speed": speed_table,
    }
    if kind not in makers:
        raise ValueError(
            f"{document}: there is no table of kind '{kind}'; choose one of trainings, "
            f"{', '.join(makers)}"
        )
    chosen = [
        _only(result, wanted or "*")
        for result in results
        if result["kind"] == ("accuracy" if kind == "errors" else kind)
        and fnmatch(result["name"], pattern or "*")
    ]
    return makers[kind](chosen) if chosen else "No result file yet.\n"


def _only(result: Result, wanted: str) -> Result:
    """Return the result with the measurements that a pattern chooses."""
    kept = [item for item in result["measurements"] if fnmatch(item["name"], wanted)]
    return {**result, "measurements": kept}


def trainings_table(results: Sequence[Result], *, short: bool) -> str:
    """Return a line a training on LSP and LSPET, planned ones and published numbers too."""
    lines = training_lines(results, short=short)
    titles = SHORT if short else TITLES
    words = 1 if short else 2  # of the last columns
    cells = [[line[title] for title in titles] for line in lines]
    return _markdown(titles, cells, numbers=range(1, len(titles) - words))


def accuracy_table(results: Sequence[Result]) -> str:
    """Return tables of models and test-time settings, one for each protocol."""
    rows = [
        as_row(row, row["protocol"], _facts(result, row))
        for result in results
        for row in result["rows"]
    ]
    return benchmark_tables(rows)


def agreement_table(results: Sequence[Result]) -> str:
    """Return a line a published number: what it is, what was published and what we measure."""
    lines = [
        (
            row["predictions"],
            row["number"],
            f"{row['published']:.2f}",
            f"{row['measured']:.2f}",
            f"{row['low']:.2f}–{row['high']:.2f}",
            "yes" if row["equal"] else "**no**",
            row["source"],
            row["metric"],
        )
        for result in results
        for row in result["rows"]
    ]
    titles = (
        "Predictions",
        "",
        "Published",
        "PoseForge",
        "95 % interval",
        "Equal",
        "Source",
        "Protocol",
    )
    return _markdown(titles, lines, numbers=range(2, 5))


def errors_table(results: Sequence[Result]) -> str:
    """Return a line a model: the share of each kind of error, and what mending it would gain."""
    lines = [
        (
            label,
            f"{errors['metric']} {errors['score']:.1f}",
            f"{errors['kinds']['good']['share']:.1f}",
            *(
                f"{kind['share']:.1f} ({kind['gain']:+.1f})"
                for name, kind in errors["kinds"].items()
                if name != "good"
            ),
        )
        for result in results
        for label, errors in result.get("errors", {}).items()
    ]
    titles = ("", "Score", "Good %", *(f"{kind} % (gain)" for kind in ERRORS))
    return _markdown(titles, lines, numbers=range(1, 7))


def ceiling_table(results: Sequence[Result]) -> str:
    """Return a line for what each config could reach at most."""
    lines = [
        (
            *item["name"].split(": ", 1),
            f"{item['median']:.1f} {item['unit']}",
            _short(result["commit"]),
        )
        for result in results
        for item in result["measurements"]
    ]
    return _markdown(("Config", "On", "At most", "Commit"), lines, numbers=range(2, 3))


def speed_table(results: Sequence[Result]) -> str:
    """Return a line a measurement."""
    lines = [
        (
            item["name"],
            _number(item["median"]),
            f"{_number(item['low'])}–{_number(item['high'])}",
            item["unit"],
            _machine(result),
            _short(result["commit"]),
        )
        for result in results
        for item in result["measurements"]
    ]
    titles = ("", "Median", "Low–high", "Unit", "Machine", "Commit")
    return _markdown(titles, lines, numbers=range(1, 3))


def _facts(result: Result, row: dict[str, Any]) -> dict[str, str]:
    """Return who trained a row's weights; the mean pose is nobody's."""
    if row["label"].startswith("mean pose"):
        return {"Trained": MISSING, "Machine": MISSING, "Commit": MISSING}
    training = result["training"]
    done, planned = training["iterations"], training["planned_iterations"]
    return {
        "Trained": "as planned" if done >= planned else f"{done} of {planned} iterations",
        "Machine": _machine(result),
        "Commit": _short(training["commit"]),
    }


def _markdown(titles: Cells, lines: Iterable[Cells], *, numbers: range) -> str:
    rule = ["---:" if column in numbers else "---" for column in range(len(titles))]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (titles, rule, *lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _machine(result: Result) -> str:
    return result["machine"]["gpu"] or result["machine"]["cpu"]


def _short(commit: str | None) -> str:
    if commit is None:
        return "–"
    name, _, changes = commit.partition("+")
    return name[:7] + ("+" if changes else "")


if __name__ == "__main__":
    sys.exit(main())
