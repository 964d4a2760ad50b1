"""What kinds of errors each joint suffers, and what the score would gain without each.

The two questions are those of Ronchi and Perona, "Benchmarking and Error Diagnosis in
Multi-Instance Pose Estimation", ICCV 2017.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseforge.structures import Skeleton
from poseforge.structures.affine import Floats
from poseforge.visualization.figures import (
    COOL,
    INK,
    PALE,
    SMALL_PT,
    TEXT_PT,
    WARM,
    blank_figure,
    save_figure,
    style,
)
from poseforge.visualization.joint_groups import joint_rows, readable

# The first kind recedes; the last of the usual five, nothing found, is the darkest.
KIND_COLOURS = (PALE, COOL[1], WARM[1], WARM[2], INK, COOL[0], WARM[0], COOL[2])
ROW_IN = 0.25
LABELLED_FROM = 5.5  # percent of a bar: narrower segments have no room for their number


def plot_error_kinds(
    shares: Floats,
    kinds: Sequence[str],
    path: Path,
    skeleton: Skeleton,
    *,
    score: float,
    mended: Mapping[str, float],
    title: str = "",
    metric: str = "PCK",
) -> None:
    """Plot a bar for each joint, divided into kinds, and beside it what mending each would gain.

    Args:
        shares: (K, kinds) shares of each keypoint's labels, percent; rows sum to 100. A row of
            NaN is a keypoint without labels, and has no bar.
        kinds: What the columns are called, such as good, jitter, inversion, swap, miss; the first
            is no error.
        path: The PNG to write, 150 dpi; an older file is replaced only by a whole one.
        skeleton: What the K keypoints are.
        score: The score as it is.
        mended: The score with all errors of one kind put right, by kind; kinds may be left out.
        title: A line above everything.
        metric: What the scores are called; they are percent.

    Raises:
        ValueError: The shares are not (K, kinds) or do not sum to 100, there are more kinds than
            colours, or a mended kind is not among the kinds.
    """
    _check(shares, kinds, skeleton, mended)
    figure = _draw(shares, kinds, skeleton, score, mended)
    figure.axes[1].set_title(f"{metric}: {score:.1f}", fontsize=TEXT_PT, pad=3)
    if title:
        figure.suptitle(title, fontsize=TEXT_PT + 1)
    save_figure(figure, path)


def _draw(
    shares: Floats,
    kinds: Sequence[str],
    skeleton: Skeleton,
    score: float,
    mended: Mapping[str, float],
) -> Figure:
    rows = joint_rows(skeleton, skeleton.keypoints)
    height = ROW_IN * (max(rows.values()) + 1.4) + 1.0
    figure = blank_figure(10, max(height, 2.4))
    left, right = figure.subplots(1, 2, width_ratios=(2.6, 1))
    colours = dict(zip(kinds, KIND_COLOURS, strict=False))
    order = skeleton.indices(tuple(rows))
    _draw_shares(left, shares[order], rows, colours)
    _draw_mended(right, score, mended, colours)
    figure.legend(
        *left.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=len(kinds),
        frameon=False,
        fontsize=TEXT_PT,
    )
    return figure


def _draw_shares(
    axes: Axes, percent: Floats, rows: Mapping[str, float], colours: Mapping[str, str]
) -> None:
    places = np.array(list(rows.values()))
    known = np.isfinite(percent).all(axis=-1)  # (K,)
    start = np.zeros(known.sum())
    for (kind, colour), column in zip(colours.items(), percent[known].T, strict=True):
        axes.barh(
            places[known], column, left=start, height=0.82, color=colour, linewidth=0, label=kind
        )
        for place, value, left in zip(places[known], column, start, strict=True):
            if value >= LABELLED_FROM:
                axes.text(
                    left + value / 2,
                    place,
                    f"{value:.0f}",
                    ha="center",
                    va="center_baseline",
                    fontsize=SMALL_PT,
                    color="white" if colour in (INK, COOL[0]) else INK,
                )
        start = start + column
    for place in places[~known]:
        axes.text(1, place, "no labels", va="center_baseline", fontsize=SMALL_PT, color=INK)
    axes.set_xlim(0, 100)
    axes.set_ylim(places.max() + 0.7, -0.7)
    axes.set_yticks(places.tolist(), [readable(name) for name in rows], fontsize=TEXT_PT)
    axes.set_xlabel("share of labelled joints / %", fontsize=TEXT_PT)
    axes.tick_params(axis="x", labelsize=SMALL_PT)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _draw_mended(
    axes: Axes, score: float, mended: Mapping[str, float], colours: Mapping[str, str]
) -> None:
    """Draw how much the score would gain, a row for each kind."""
    gains = {kind: value - score for kind, value in mended.items()}
    for row, (kind, gain) in enumerate(gains.items()):
        axes.barh(row, gain, height=0.5, color=colours[kind], linewidth=0)
        axes.text(
            1.01,
            row,
            f"{gain:+.1f}",
            transform=axes.get_yaxis_transform(),
            va="center_baseline",
            fontsize=SMALL_PT,
            color=INK,
        )
    axes.set_yticks(range(len(gains)), list(gains), fontsize=TEXT_PT)
    axes.set_ylim(max(len(gains), 1) - 0.4, -0.6)
    axes.set_xlim(min([0, *gains.values()]), 1.05 * max([1, *gains.values()]))
    axes.set_xlabel("gain if a kind were mended / points", fontsize=TEXT_PT)
    style(axes)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="x", labelsize=SMALL_PT)
    axes.tick_params(axis="y", length=0)


def _check(
    shares: Floats, kinds: Sequence[str], skeleton: Skeleton, mended: Mapping[str, float]
) -> None:
    expected = (skeleton.num_keypoints, len(kinds))
    if shares.shape != expected:
        raise ValueError(
            f"shares {shares.shape} do not fit {len(kinds)} kinds and skeleton '{skeleton.name}'; "
            f"give {expected}"
        )
    if len(kinds) > len(KIND_COLOURS):
        raise ValueError(
            f"{len(kinds)} kinds are more than can be told apart; give {len(KIND_COLOURS)} at most"
        )
    labelled = ~np.isnan(shares).all(axis=-1)
    wrong = ~np.isclose(shares[labelled].sum(axis=-1), 100) | (shares[labelled] < 0).any(axis=-1)
    if wrong.any():
        names = np.array(skeleton.keypoints)[labelled][wrong]
        raise ValueError(
            f"the shares of {', '.join(names)} are negative or do not sum to 100; give percent "
            "of each keypoint's labels, or a row of NaN where it has none"
        )
    unknown = [kind for kind in mended if kind not in kinds]
    if unknown:
        raise ValueError(
            f"mended scores are given for {', '.join(unknown)}, which are no kinds of error; "
            f"the kinds are {', '.join(kinds)}"
        )
