"""What all plots share: their paper, their palette, and how they become files.

Figures are objects of their own, never pyplot's global ones, so plots need no screen and may be
drawn from any thread.
"""

import io
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from poseforge.files import replacing

DPI = 150

# Okabe and Ito, "Color Universal Design", 2008: apart for every kind of colour vision.
WARM = ("#d55e00", "#e69f00", "#cc79a7")
COOL = ("#0072b2", "#56b4e9", "#009e73")
INK = "#333333"
PALE = "#d9d9d9"

TEXT_PT = 9
SMALL_PT = 8


def blank_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure that lays itself out; its size is in inches."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def style(axes: Axes) -> None:
    """Leave the data, two spines and a faint grid behind them."""
    axes.grid(alpha=0.3, which="both", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG of 150 dpi, whole or not at all, of the same bytes for the same figure."""
    picture = io.BytesIO()
    # Without the name and version of the software that drew it.
    figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    with replacing(path) as aside:
        aside.write_bytes(picture.getvalue())
