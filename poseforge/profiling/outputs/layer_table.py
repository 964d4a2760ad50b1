"""The table of layers: what its columns say, and which of them there is room for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from poseforge.profiling.outputs.layer_tree import fold, in_order, launches, short_names
from poseforge.profiling.outputs.quantities import (
    MISSING,
    digits,
    milliseconds,
    percent,
    short,
    shortened,
)
from poseforge.profiling.record import Bound, Layer, Profile, Spread

BOUND_STYLES: dict[Bound, str] = {"arithmetic": "blue", "memory": "yellow", "launch": "magenta"}
NAME_WIDTH = 22  # fewer columns rather than names that are shorter


@dataclass(frozen=True)
class Column:
    """A column of numbers or words.

    Attributes:
        title: Above it; may have two lines.
        cell: What it says of a layer.
        rank: Where room is short, the highest go first.
        left: Whether it is set flush left.
    """

    title: str
    cell: Callable[[Layer], str]
    rank: int
    left: bool = False


def columns(profile: Profile) -> list[Column]:
    """Return the columns besides the name that this profile can fill."""
    found = [
        Column("kind", lambda layer: shortened(layer.kind, 10), 9, left=True),
        Column("calls", lambda layer: short(layer.calls), 10),
        Column("fwd\nms", lambda layer: milliseconds(layer.forward_s.median), 3),
        Column("bwd\nms", lambda layer: _median(layer.backward_s), 4),
        Column("own\nms", lambda layer: milliseconds(layer.own_s.median), 0),
        Column("low..high", _low_high, 8),
        Column("share", lambda layer: percent(layer.share), 0),
        Column("GFLOP", lambda layer: _nonzero(layer.work.flops / 1e9), 5),
        Column("MB\nmoved", lambda layer: _nonzero(layer.work.bytes / 1e6), 6),
        Column("params", lambda layer: short(layer.parameters) if layer.parameters else MISSING, 7),
        Column("ops", lambda layer: short(layer.work.operations), 11),
        Column("kernels", lambda layer: _optional(launches(layer), short), 12),
        Column("of\nlimit", lambda layer: _optional(layer.of_limit, percent), 1),
        Column("bound", _bound, 2, left=True),
    ]
    on_gpu = any(layer.kernel_s is not None for layer in profile.layers)
    trains = any(layer.backward_s is not None for layer in profile.layers)
    missing = {"kernels": not on_gpu, "ops": on_gpu, "bwd\nms": not trains}
    return [column for column in found if not missing.get(column.title, False)]


def layer_table(profile: Profile, *, width: int, depth: int | None, sort: str) -> Table:
    """Return the layers as a table for rich's console.

    Args:
        profile: What was measured.
        width: Characters a line; narrow tables leave columns out and shorten names.
        depth: Where the tree is cut; see `fold`.
        sort: One of `SORTS`. In the tree's order names are indented, else they are whole.

    Raises:
        ValueError: `depth` or `sort` is not allowed.
    """
    folded = fold(profile.layers, depth)
    layers = in_order(folded, sort)
    body = [(column, [column.cell(layer) for layer in layers]) for column in columns(profile)]
    chosen, room = _fitting(body, width)
    names = _indented(folded, room) if sort == "tree" else [layer.name for layer in layers]
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("layer", no_wrap=True, vertical="bottom")
    for column, _ in chosen:
        table.add_column(
            Text(column.title),
            justify="left" if column.left else "right",
            no_wrap=True,
            vertical="bottom",
        )
    for row, (name, layer) in enumerate(zip(names, layers, strict=True)):
        cells = [Text(cells[row]) for _, cells in chosen]
        if layer.limit and cells[-1].plain == _bound(layer):
            cells[-1].stylize(BOUND_STYLES[layer.limit.bound])
        table.add_row(Text(shortened(name, room)), *cells)
    return table


def to_markdown(profile: Profile) -> str:
    """Return all layers and all columns as a table, in the tree's order with whole names."""
    shown = columns(profile)
    lines = [["layer", *(column.title.replace("\n", " ") for column in shown)]]
    lines += [["---", *("---" if column.left else "---:" for column in shown)]]
    lines += [[layer.name, *(column.cell(layer) for column in shown)] for layer in profile.layers]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _fitting(
    body: Sequence[tuple[Column, list[str]]], width: int
) -> tuple[list[tuple[Column, list[str]]], int]:
    """Return the columns that there is room for, and the room that is left for the name."""
    chosen = list(body)
    while True:
        room = width - sum(_width(column, cells) + 1 for column, cells in chosen)
        if room >= NAME_WIDTH or not chosen:
            return chosen, max(room, 8)
        chosen.remove(max(chosen, key=lambda item: item[0].rank))


def _width(column: Column, cells: Sequence[str]) -> int:
    return max(len(line) for line in [*column.title.split("\n"), *cells])


def _indented(layers: Sequence[Layer], room: int) -> Iterator[str]:
    deepest = max(layer.depth for layer in layers)
    step = 2 if 4 * deepest <= room + NAME_WIDTH else 1
    for layer, name in zip(layers, short_names(layers), strict=True):
        indent = min(step * layer.depth, room // 2)
        yield " " * indent + shortened(name, room - indent)


def _bound(layer: Layer) -> str:
    return layer.limit.bound if layer.limit else MISSING


def _median(spread: Spread | None) -> str:
    return milliseconds(spread.median) if spread else MISSING


def _low_high(layer: Layer) -> str:
    return f"{milliseconds(layer.own_s.low)}..{milliseconds(layer.own_s.high)}"


def _nonzero(value: float) -> str:
    return digits(value) if value else MISSING


def _optional(value: float | None, words: Callable[[float], str]) -> str:
    return MISSING if value is None else words(value)
