"""The reliability diagram: how often joints of some confidence are right."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from poseforge.structures.affine import Floats
from poseforge.visualization.calibration import Calibration, calibration
from poseforge.visualization.figures import (
    COOL,
    INK,
    SMALL_PT,
    TEXT_PT,
    blank_figure,
    save_figure,
    style,
)

HISTOGRAM_BARS = 50
BARS = "#9ab8cc"


def plot_calibration(
    confidence: Floats,
    correct: NDArray[np.bool_],
    path: Path,
    *,
    bins: int = 10,
    title: str = "",
    correct_means: str = "right",
) -> None:
    """Plot the share of right joints over their confidence, and how confidences are spread.

    Confidences from 0 to 1 are compared with the diagonal, and the expected calibration error is
    printed. Others are no probabilities: the hit rate is plotted over their quantiles, and no error
    is given.

    Args:
        confidence: Finite confidences of labelled joints, any shape.
        correct: Whether each joint was right, of the same shape.
        path: The PNG to write, 150 dpi; an older file is replaced only by a whole one.
        bins: How many points at most, each of as many joints.
        title: A line above everything.
        correct_means: When a joint is right, such as "within 0.2 torso lengths".

    Raises:
        ValueError: The arrays differ in shape or are empty, a confidence is not finite, or there
            is no bin.
    """
    result = calibration(confidence, correct, bins=bins)
    figure = _draw(result, confidence.ravel(), correct_means)
    if title:
        figure.suptitle(title, fontsize=TEXT_PT + 1)
    save_figure(figure, path)


def _draw(result: Calibration, confidence: Floats, correct_means: str) -> Figure:
    figure = blank_figure(8, 5.6)
    upper, lower = figure.subplots(2, 1, height_ratios=(3.2, 1))
    span = None if result.error is None else (0, 1)
    lower.hist(confidence, bins=HISTOGRAM_BARS, range=span, color=BARS, linewidth=0)
    lower.margins(x=0)
    if result.error is None:
        _draw_over_quantiles(upper, result)
    else:
        _draw_over_scores(upper, result)
        upper.tick_params(labelbottom=False)
    upper.set_ylim(0, 100)
    upper.set_ylabel(f"joints {correct_means} / %", fontsize=TEXT_PT)
    lower.set_ylabel("joints", fontsize=TEXT_PT)
    lower.set_xlabel("score", fontsize=TEXT_PT)
    for axes in (upper, lower):
        style(axes)
        axes.tick_params(labelsize=SMALL_PT)
    return figure


def _draw_over_scores(axes: Axes, result: Calibration) -> None:
    axes.plot([0, 1], [0, 100], color=INK, linewidth=1, linestyle=(0, (4, 3)), label="calibrated")
    _draw_points(axes, result, result.confidence)
    axes.set_xlim(0, 1)
    axes.set_title(
        f"expected calibration error {result.error:.3f}; {result.counts.sum():,} joints, "
        f"bins of equal counts: {len(result.counts)}",
        fontsize=TEXT_PT,
    )


def _draw_over_quantiles(axes: Axes, result: Calibration) -> None:
    last = np.cumsum(result.counts)
    _draw_points(axes, result, 100 * (last - result.counts / 2) / last[-1])
    axes.set_xlim(0, 100)
    axes.set_xlabel(
        f"score quantile / % (scores go from {result.edges[0]:.2f} to {result.edges[-1]:.2f}: "
        "they are no probabilities)",
        fontsize=TEXT_PT,
    )
    axes.set_title(
        f"{result.counts.sum():,} joints, bins of equal counts: {len(result.counts)}",
        fontsize=TEXT_PT,
    )


def _draw_points(axes: Axes, result: Calibration, places: Floats) -> None:
    """Draw the hit rates with their 95 % intervals."""
    percent = 100 * result.hit_rate
    below, above = percent - 100 * result.low, 100 * result.high - percent
    axes.errorbar(
        places,
        percent,
        yerr=np.stack([below, above]),
        color=COOL[0],
        marker="o",
        markersize=5,
        linewidth=1,
        elinewidth=1.4,
        capsize=3,
        label="hit rate of a bin, 95 % interval",
    )
    axes.legend(loc="upper left", frameon=False, fontsize=TEXT_PT)
