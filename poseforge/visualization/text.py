"""Lines of text as pictures."""

import math
from typing import Any

import numpy as np

from poseforge.visualization.strokes import Image

INK = "#1e1e1e"
FONT_PX = 13
MARGIN_PX = 4


def text_line(text: str, size: tuple[int, int]) -> Image:
    """Return white paper of (width, height) with a line of text, smaller where it would not fit."""
    # Half a second that drawing without text need not wait for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    per_inch = 72  # points, which makes a point a pixel
    width = size[0]
    figure = Figure(figsize=(width / per_inch, size[1] / per_inch), dpi=per_inch, facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    written = figure.text(
        MARGIN_PX / width,
        0.5,
        text,
        fontsize=FONT_PX,
        color=INK,
        verticalalignment="center_baseline",
        parse_math=False,
    )
    needed = written.get_window_extent(canvas.get_renderer()).width
    room = width - 2 * MARGIN_PX
    if needed > room:
        written.set_fontsize(max(1, math.floor(FONT_PX * room / needed)))
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]
