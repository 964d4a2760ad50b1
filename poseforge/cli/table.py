"""`poseforge table REPORT [REPORT ...]`."""

import argparse
from pathlib import Path

from rich.console import Console

from poseforge.files import write_text

HELP = "Make one benchmark table of many runs from their report.json files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "reports", nargs="+", type=Path, help="report.json files, or folders of runs"
    )
    parser.add_argument(
        "--format", choices=("markdown", "latex"), default="markdown", help="default markdown"
    )
    parser.add_argument(
        "--output", type=Path, help="write the table to this file; default print it"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Read, sort by protocol, and print or write."""
    from poseforge.reports.table import benchmark_tables, read_rows

    rows = [row for path in options.reports for row in read_rows(path)]
    text = benchmark_tables(rows, options.format)
    if options.output:
        write_text(options.output, text)
        console.print(f"wrote {options.output}", soft_wrap=True)
    else:
        console.print(text, soft_wrap=True, end="")
    return 0
