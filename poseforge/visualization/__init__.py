"""Pictures of people, of heatmaps and of training runs; `plots` is imported by its own name.

`poseforge.visualization.plots` needs matplotlib, which takes a second to import and which drawing
on pictures does not use.
"""

from poseforge.visualization.draw import draw_skeleton, sheet
from poseforge.visualization.files import save_image
from poseforge.visualization.heatmaps import (
    joint_sheet,
    overlay_heatmap,
    stage_strip,
    stages_sheet,
)

__all__ = [
    "draw_skeleton",
    "joint_sheet",
    "overlay_heatmap",
    "save_image",
    "sheet",
    "stage_strip",
    "stages_sheet",
]
