"""A number for each joint as horizontal bars, with 95 % intervals."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from poseforge.structures import Skeleton
from poseforge.visualization.figures import (
    INK,
    SMALL_PT,
    TEXT_PT,
    blank_figure,
    save_figure,
    style,
)
from poseforge.visualization.joint_groups import check_joints, joint_rows, readable, side_colour

# A value and the low and high ends of its 95 % interval; NaN ends where it has none.
Bar: TypeAlias = tuple[float, float, float]
Rgb: TypeAlias = tuple[float, float, float]

ROW_IN = {1: 0.25, 2: 0.34}
STRENGTH = (0.85, 0.4)  # of the colours of the first and the second model


def plot_joint_bars(
    models: Mapping[str, Mapping[str, Bar]],
    path: Path,
    skeleton: Skeleton,
    *,
    title: str = "",
    xlabel: str = "PCK / %",
    full_scale: float | None = 100.0,
) -> None:
    """Plot a bar for each joint, left and right together; of two models, the second is the paler.

    Args:
        models: Each model's label and its numbers by keypoint, in any order. A joint whose value
            is NaN has no bar and says so.
        path: The PNG to write, 150 dpi; an older file is replaced only by a whole one.
        skeleton: What the keypoints are.
        title: A line above the bars, such as the metric's specification.
        xlabel: What the numbers are.
        full_scale: Where the axis ends; None ends it behind the longest bar.

    Raises:
        ValueError: There are neither one nor two models, a model has no joints or other ones than
            the first, or a name is no keypoint of the skeleton.
    """
    _check(models, skeleton)
    figure = _draw(models, skeleton, full_scale)
    axes = figure.axes[0]
    axes.set_xlabel(xlabel, fontsize=TEXT_PT)
    if title:
        figure.suptitle(title, fontsize=TEXT_PT + 1)
    save_figure(figure, path)


def _draw(
    models: Mapping[str, Mapping[str, Bar]], skeleton: Skeleton, full_scale: float | None
) -> Figure:
    rows = joint_rows(skeleton, next(iter(models.values())))
    last = max(rows.values())
    figure = blank_figure(8, ROW_IN[len(models)] * (last + 1.4) + 0.8)
    axes = figure.add_subplot()
    thickness = 0.82 / len(models)
    for number, bars in enumerate(models.values()):
        offset = (number - (len(models) - 1) / 2) * thickness
        for name, row in rows.items():
            colour = _paler(side_colour(skeleton, name), STRENGTH[number])
            _draw_bar(axes, row + offset, thickness, bars[name], colour)
    ends = np.array([bars[name] for bars in models.values() for name in rows])
    axes.set_xlim(0, full_scale or 1.05 * float(np.nanmax(ends, initial=0)) or 1)
    axes.set_ylim(last + 0.7, -0.7)
    axes.set_yticks(list(rows.values()), [readable(name) for name in rows], fontsize=TEXT_PT)
    style(axes)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=SMALL_PT)
    _add_legend(figure, list(models))
    return figure


def _draw_bar(axes: Axes, row: float, thickness: float, bar: Bar, colour: Rgb) -> None:
    """Draw one bar, its whisker, and its value in a column right of the axes."""
    value, low, high = bar
    known = np.isfinite(value)
    if known:
        axes.barh(row, value, height=0.9 * thickness, color=colour, linewidth=0)
    if np.isfinite([low, high]).all():
        # A pale edge shows the whisker on dark bars too.
        edge = [withStroke(linewidth=2.5, foreground="white")]
        axes.plot([low, high], [row, row], color=INK, linewidth=1, path_effects=edge)
    axes.text(
        1.01,
        row,
        f"{value:.1f}" if known else "no number",
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_PT,
        color=INK,
    )


def _paler(colour: str, strength: float) -> Rgb:
    """Mix a colour with white, so that no grid shows through."""
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def _add_legend(figure: Figure, labels: list[str]) -> None:
    handles: list[Patch | Line2D] = []
    if len(labels) > 1:
        handles += [
            Patch(color=_paler(INK, strength), linewidth=0, label=label)
            for label, strength in zip(labels, STRENGTH, strict=True)
        ]
    handles.append(Line2D([], [], color=INK, linewidth=1, label="95 % interval"))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=TEXT_PT
    )


def _check(models: Mapping[str, Mapping[str, Bar]], skeleton: Skeleton) -> None:
    if len(models) not in (1, 2):
        raise ValueError(f"{len(models)} models make no picture of bars; give one or two")
    first, *others = models.values()
    if not first:
        raise ValueError("a model without joints has no bars; give one joint's number at least")
    check_joints(skeleton, first)
    for other in others:
        if set(other) != set(first):
            raise ValueError(
                f"one model has numbers for {', '.join(first)}, the other for {', '.join(other)}; "
                "give both models' numbers of the same keypoints"
            )
