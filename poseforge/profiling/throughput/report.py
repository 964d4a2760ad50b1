"""What was found of models' speed: as a table, as measurements, and what to know about them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from statistics import median

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from poseforge.profiling.result_file import Measurement, measurement
from poseforge.profiling.throughput.cells import Setting, TimedCell
from poseforge.profiling.throughput.turns import ROUNDS, Effort

SLOWER = 1.5  # times as slow as in float32: then a precision is not what a device is made for


def measurements(cells: Sequence[TimedCell]) -> list[Measurement]:
    """Return every cell's latency (all batches, and p95), images a second, and peak memory."""
    return [item for cell in cells if not cell.trouble for item in _measurements(cell)]


def _measurements(cell: TimedCell) -> Iterator[Measurement]:
    taken = list(chain.from_iterable(cell.turns))
    images = cell.cell.batch_size
    rates = [images * len(turn) / sum(turn) for turn in cell.turns]
    yield measurement(f"{cell.cell}: latency", "s", taken)
    yield measurement(f"{cell.cell}: latency, p95", "s", [float(np.quantile(taken, 0.95))])
    yield measurement(f"{cell.cell}: throughput", "images/s", rates)
    if cell.peak_bytes is not None:
        yield measurement(f"{cell.cell}: peak memory", "MB", [cell.peak_bytes / 1e6])


def tables(cells: Sequence[TimedCell]) -> Iterator[Table]:
    """Give a table for each config."""
    for config in dict.fromkeys(cell.cell.config for cell in cells):
        yield _table(config, [cell for cell in cells if cell.cell.config == config])


def _table(config: str, cells: Sequence[TimedCell]) -> Table:
    table = Table(title=Text(config), box=box.SIMPLE_HEAD, padding=0)
    counts_memory = any(cell.peak_bytes is not None for cell in cells)
    titles = ["Batch", "Size", "Type", "n", "p50 ms", "p95 ms", "low–high ms", "images/s"]
    for title in [*titles, "low–high", *(["peak MB"] if counts_memory else [])]:
        table.add_column(title, justify="right", no_wrap=True)
    for cell in cells:
        width, height = cell.cell.size
        row = [str(cell.cell.batch_size), f"{width}x{height}", cell.cell.precision]
        table.add_row(*row, *(["", cell.trouble.short] if cell.trouble else _numbers(cell)))
    return table


def _numbers(cell: TimedCell) -> list[str]:
    latency, p95, rate, *peak = _measurements(cell)
    low, middle, end, high = (
        _short(1000 * seconds)
        for seconds in (latency["low"], latency["median"], p95["median"], latency["high"])
    )
    rates = [_short(rate["median"]), f"{_short(rate['low'])}–{_short(rate['high'])}"]
    return [
        str(len(latency["values"])),
        middle,
        end,
        f"{low}–{high}",
        *rates,
        *(f"{item['median']:.0f}" for item in peak),
    ]


def _short(number: float) -> str:
    """Return a number with about three digits that count, and no exponent."""
    return f"{number:.{0 if number >= 99.5 else 1 if number >= 9.95 else 2}f}"


def remarks(cells: Sequence[TimedCell], setting: Setting, effort: Effort) -> list[str]:
    """Say what a reader must know: what has no numbers and why, and what is weak or odd."""
    timed = [cell for cell in cells if not cell.trouble]
    return [
        *(f"{cell.cell}: {cell.trouble.sentence}" for cell in cells if cell.trouble),
        *_few_batches(timed, effort),
        *_slow_precisions(timed),
        *_first_phases(timed, setting),
    ]


def _few_batches(cells: Sequence[TimedCell], effort: Effort) -> Iterator[str]:
    few = [str(cell.cell) for cell in cells if sum(map(len, cell.turns)) < ROUNDS]
    if effort.seconds is not None and few:
        yield (
            f"fewer than {ROUNDS} batches went into {effort.seconds:g} s of {'; '.join(few)}; give "
            "more --seconds, or --repeats"
        )


def _slow_precisions(cells: Sequence[TimedCell]) -> Iterator[str]:
    middle = {cell.cell: median(chain.from_iterable(cell.turns)) for cell in cells}
    factors: dict[tuple[str, str], list[float]] = {}
    for cell, taken in middle.items():
        full = middle.get(replace(cell, precision="fp32"), taken)
        factors.setdefault((cell.config, cell.precision), []).append(taken / full)
    for (config, precision), found in factors.items():
        if max(found) > SLOWER:
            yield (
                f"{config}: {precision} takes up to {max(found):.1f} times as long as fp32; this "
                f"device seems to have no instructions for {precision}"
            )


def _first_phases(cells: Sequence[TimedCell], setting: Setting) -> Iterator[str]:
    phases = {cell.cell.config: cell.phases for cell in cells}
    for config, count in phases.items():
        if count > 1 and setting.mode == "train":
            yield f"{config}: these are steps of the first of its model's {count} trainings"
        elif count > 1 and setting.checkpoint is None:
            yield (
                f"{config}: its model's first stage alone predicts here, before any of {count} "
                "trainings; give a --checkpoint"
            )
