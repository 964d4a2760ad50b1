"""A metric over its threshold: the total large, each pair of joints in a panel beside it."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats
from poseforge.visualization.figures import (
    INK,
    SMALL_PT,
    TEXT_PT,
    blank_figure,
    save_figure,
    style,
)
from poseforge.visualization.joint_groups import (
    LEFT,
    RIGHT,
    joint_groups,
    side_colour,
)

# (T,) ascending thresholds, values in percent, low and high ends of their 95 % intervals.
CurveData: TypeAlias = tuple[Floats, Floats, Floats, Floats]

Dashes: TypeAlias = Literal["solid"] | tuple[float, tuple[float, float]]
Corner: TypeAlias = tuple[float, float, Literal["left", "right"], Literal["top", "bottom"]]

DASHES: tuple[Dashes, Dashes] = ("solid", (0, (4, 2)))
BAND_OPACITY = (0.22, 0.14)
PANEL_COLUMNS = 3
PANEL_IN = 1.5

# Corners for text: where in the axes, and which of its own corners lies there.
RIGHT_BELOW: Corner = (0.98, 0.03, "right", "bottom")
LEFT_ABOVE: Corner = (0.03, 0.97, "left", "top")
# Curves that are above this at a third of the thresholds leave the corner below free.
ROOM_BELOW = 20


def plot_metric_curves(
    models: Mapping[str, Mapping[str, CurveData]],
    path: Path,
    skeleton: Skeleton,
    *,
    title: str = "",
    xlabel: str = "threshold / reference length",
    ylabel: str = "PCK / %",
) -> None:
    """Plot curves with their 95 % bands; of two models, the first is solid and the second dashed.

    Args:
        models: Each model's label and its curves by title: keypoints of the skeleton, in any order
            and not necessarily all, and one more, which is the total.
        path: The PNG to write, 150 dpi; an older file is replaced only by a whole one.
        skeleton: What the keypoints are.
        title: A line above everything, such as the metric's specification.
        xlabel: What the thresholds are.
        ylabel: What the values are, in percent.

    Raises:
        ValueError: There are neither one nor two models, a model has not exactly one total, two
            models have different curves, or the arrays of a curve differ in length or are shorter
            than 2.
    """
    save_figure(_draw(models, skeleton, title, (xlabel, ylabel)), path)


def _draw(
    models: Mapping[str, Mapping[str, CurveData]],
    skeleton: Skeleton,
    title: str,
    axis_labels: tuple[str, str],
) -> Figure:
    total = _check(models, skeleton)
    groups = joint_groups(skeleton, next(iter(models.values())))
    columns = min(PANEL_COLUMNS, math.ceil(len(groups) / 2))
    rows = max(2, math.ceil(len(groups) / max(columns, 1)))
    figure = blank_figure(max(6, 4 + 2 * columns), PANEL_IN * rows + 0.6)
    grid = figure.add_gridspec(rows, columns + 2)
    large = figure.add_subplot(grid[: min(rows, 3), :2])
    _draw_curves(large, models, {total: INK}, width=2.2)
    large.set_xlabel(axis_labels[0], fontsize=TEXT_PT)
    large.set_ylabel(axis_labels[1], fontsize=TEXT_PT)
    large.set_title(total, fontsize=TEXT_PT, weight="bold", pad=3)
    large.tick_params(labelsize=SMALL_PT)
    _print_ends(large, models, total)
    for number, group in enumerate(groups):
        row, column = divmod(number, columns)
        panel = figure.add_subplot(grid[row, column + 2])
        colours = {joint: side_colour(skeleton, joint) for joint in group.joints}
        _draw_curves(panel, models, colours, width=1.2)
        panel.set_title(group.title, fontsize=TEXT_PT, pad=3)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(2))
        lowest = number + columns >= len(groups)
        panel.tick_params(labelsize=SMALL_PT, labelbottom=lowest, labelleft=column == 0)
    has_sides = any(side_colour(skeleton, name) != INK for group in groups for name in group.joints)
    _add_legend(figure, list(models), sides=has_sides)
    if title:
        figure.suptitle(title, fontsize=TEXT_PT + 1)
    return figure


def _draw_curves(
    axes: Axes,
    models: Mapping[str, Mapping[str, CurveData]],
    colours: Mapping[str, str],
    *,
    width: float,
) -> None:
    ends = []
    for curves, dashes, opacity in zip(models.values(), DASHES, BAND_OPACITY, strict=False):
        for name, colour in colours.items():
            thresholds, values, low, high = curves[name]
            axes.fill_between(thresholds, low, high, color=colour, alpha=opacity, linewidth=0)
            axes.plot(thresholds, values, color=colour, linestyle=dashes, linewidth=width)
            ends.append((float(thresholds[0]), float(thresholds[-1])))
    axes.set_xlim(min(start for start, _ in ends), max(end for _, end in ends))
    axes.set_ylim(0, 100)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter("{x:g}")
    style(axes)


def _print_ends(axes: Axes, models: Mapping[str, Mapping[str, CurveData]], total: str) -> None:
    """Print the total at the last threshold with its interval, where the curves leave room."""
    lines = []
    for label, curves in models.items():
        thresholds, values, low, high = (float(array[-1]) for array in curves[total])
        name = f"{label}: " if len(models) > 1 else ""
        lines.append(f"{name}{values:.1f} at {thresholds:g}  (95 %: {low:.1f} to {high:.1f})")
    early = [float(curves[total][1][len(curves[total][1]) // 3]) for curves in models.values()]
    x, y, side, end = RIGHT_BELOW if min(early) > ROOM_BELOW else LEFT_ABOVE
    axes.text(
        x,
        y,
        "\n".join(lines),
        transform=axes.transAxes,
        ha=side,
        va=end,
        fontsize=SMALL_PT,
        bbox={"color": "white", "alpha": 0.8, "linewidth": 0, "pad": 2},
    )


def _add_legend(figure: Figure, labels: list[str], *, sides: bool) -> None:
    handles: list[Line2D | Patch] = []
    if len(labels) > 1:
        handles += [
            Line2D([], [], color=INK, linestyle=dashes, linewidth=1.6, label=label)
            for label, dashes in zip(labels, DASHES, strict=True)
        ]
    if sides:
        handles += [
            Line2D([], [], color=colour, linewidth=2, label=name)
            for name, colour in (("left", LEFT), ("right", RIGHT))
        ]
    handles.append(Patch(color=INK, alpha=BAND_OPACITY[0], linewidth=0, label="95 % interval"))
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=len(handles),
        frameon=False,
        fontsize=TEXT_PT,
    )


def _check(models: Mapping[str, Mapping[str, CurveData]], skeleton: Skeleton) -> str:
    """Return the title of the total."""
    if len(models) not in (1, 2):
        raise ValueError(f"{len(models)} models make no picture of curves; give one or two")
    first, *others = models.values()
    totals = [name for name in first if name not in skeleton.keypoints]
    if len(totals) != 1:
        raise ValueError(
            f"curves {_listed(first)} have {len(totals)} titles that are no keypoint of skeleton "
            f"'{skeleton.name}'; give exactly one, the total"
        )
    for other in others:
        if set(other) != set(first):
            raise ValueError(
                f"one model has curves {_listed(first)}, the other {_listed(other)}; "
                "give both models' curves of the same keypoints"
            )
    for curves in models.values():
        for name, arrays in curves.items():
            lengths = [len(array) for array in arrays]
            if len(set(lengths)) != 1 or lengths[0] < 2:
                raise ValueError(
                    f"thresholds, values, low and high of '{name}' have {lengths} numbers; "
                    "give as many of each, two at least"
                )
    return totals[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "(none)"
