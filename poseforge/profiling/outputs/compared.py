"""Two models side by side: a table and a file."""

import dataclasses
import json
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from poseforge.files import write_text
from poseforge.profiling.comparison import Comparison
from poseforge.profiling.outputs.quantities import shortened, spread_ms
from poseforge.profiling.record import Spread

ROWS = 30
_OTHER_COLUMNS = 64  # characters a line that names do not get


def to_terminal(comparison: Comparison, *, width: int) -> Group:
    """Return the comparison for rich's console: the layers where most is saved or lost.

    Args:
        comparison: What was measured.
        width: Characters a line of the console.
    """
    first, second = comparison.names
    table = Table(box=None, pad_edge=False)
    table.add_column("layer")
    for name in (f"{first}, ms", f"{second}, ms", "saved, ms"):
        table.add_column(name, justify="right")
    for layer in comparison.layers[:ROWS]:
        table.add_row(
            shortened(layer.name, max(20, width - _OTHER_COLUMNS)),
            _times(layer.first_s),
            _times(layer.second_s),
            f"{1e3 * layer.saved_s:+.3g}",
        )
    rest = len(comparison.layers) - ROWS
    return Group(
        table, *([Text(f"and {rest} more layers")] if rest > 0 else []), *_sums(comparison)
    )


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write `comparison.json` and return its path; times are seconds, spreads median, low, high."""
    values = dataclasses.asdict(comparison)
    for layer, record in zip(comparison.layers, values["layers"], strict=True):
        record["saved_s"] = layer.saved_s
    path = folder / "comparison.json"
    write_text(path, json.dumps({"schema": 1, **values}, indent=1, ensure_ascii=False) + "\n")
    return path


def _sums(comparison: Comparison) -> list[Text]:
    lines = [
        f"{name}: {spread_ms(step)} ms a step, {rate.median:.1f} images/s"
        for name, step, rate in zip(
            comparison.names, comparison.step_s, comparison.images_per_s, strict=True
        )
    ]
    ratio = comparison.ratio
    second = comparison.names[1]
    lines.append(
        f"{second} is {ratio.median:.2f} times as fast ({ratio.low:.2f} ... {ratio.high:.2f})"
    )
    return [Text(line) for line in lines]


def _times(seconds: Spread | None) -> str:
    return "" if seconds is None else spread_ms(seconds)
