"""Losses and metrics of a training run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator

from poseforge.structures.affine import Floats
from poseforge.visualization.figures import COOL, WARM, blank_figure, save_figure, style

# More points than this are drawn pale, with their running mean on top.
SMOOTH_FROM = 100


def plot_curves(
    history: Sequence[Mapping[str, float]],
    path: Path,
    *,
    losses: Sequence[str] = ("loss",),
    metrics: Sequence[str] = ("PCK@0.2",),
) -> None:
    """Plot losses over steps, on a logarithmic axis, and metrics on a second axis.

    Args:
        history: Records in order, each with a "step" and any of the other numbers.
        path: The PNG to write, 150 dpi; an older file is replaced only by a whole one.
        losses: What the left axis shows, where the records have it.
        metrics: What the right axis shows, in percent, where the records have it.

    Raises:
        ValueError: No record has any of the losses and metrics.
    """
    left = {name: _series(history, name) for name in losses}
    right = {name: _series(history, name) for name in metrics}
    left = {name: points for name, points in left.items() if len(points)}
    right = {name: points for name, points in right.items() if len(points)}
    if not left and not right:
        raise ValueError(
            f"none of {len(history)} records has a finite {' or '.join([*losses, *metrics])}; "
            "name in losses and metrics what the records have"
        )
    figure = blank_figure(8, 4.5)
    axes = figure.add_subplot()
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if left:
        _plot_losses(axes, left)
    if right:
        _plot_metrics(axes.twinx() if left else axes, right)
    # One legend for both axes, above them, where it hides no curve.
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    save_figure(figure, path)


def _series(history: Sequence[Mapping[str, float]], name: str) -> Floats:
    """Return (P, 2) steps and finite values of one name."""
    points = [(record["step"], record[name]) for record in history if name in record]
    series: Floats = np.array(points, dtype=np.float64).reshape(-1, 2)
    return series[np.isfinite(series).all(axis=-1)]


def _plot_losses(axes: Axes, series: Mapping[str, Floats]) -> None:
    for number, (name, points) in enumerate(series.items()):
        colour = _colour(COOL, number)
        steps, values = points.T
        if len(points) <= SMOOTH_FROM:
            axes.plot(steps, values, _marker(points), color=colour, markersize=4, label=name)
            continue
        axes.plot(steps, values, color=colour, linewidth=0.7, alpha=0.3)
        window = len(points) // 50
        smooth = np.convolve(values, np.full(window, 1 / window), mode="valid")  # (P - window + 1,)
        middle = steps[window // 2 :][: len(smooth)]
        axes.plot(middle, smooth, color=colour, label=f"{name}, mean of {window}")
    if all((points[:, 1] > 0).all() for points in series.values()):
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_ylabel("loss")
    style(axes)


def _plot_metrics(axes: Axes, series: Mapping[str, Floats]) -> None:
    for number, (name, points) in enumerate(series.items()):
        steps, values = points.T
        label = f"{name}, best {values.max():.1f} at step {steps[values.argmax()]:g}"
        axes.plot(steps, values, "o-", color=_colour(WARM, number), markersize=4, label=label)
    axes.set(ylabel="metric / %", ylim=(0, 100))
    axes.spines[["top", "left"]].set_visible(False)


def _marker(points: Floats) -> str:
    return "o" if len(points) == 1 else "-"


def _colour(colours: Sequence[str], number: int) -> str:
    return colours[number % len(colours)]
