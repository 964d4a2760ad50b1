"""Pictures of people and of heatmaps; the modules of plots are imported by their own names.

Plots need matplotlib, which takes a second to import and which drawing on pictures does not use.
"""

from poseforge.visualization.draw import draw_skeleton, sheet
from poseforge.visualization.files import save_image
from poseforge.visualization.gallery import gallery
from poseforge.visualization.heatmaps import (
    joint_sheet,
    overlay_heatmap,
    stage_strip,
    stages_sheet,
)

__all__ = [
    "draw_skeleton",
    "gallery",
    "joint_sheet",
    "overlay_heatmap",
    "save_image",
    "sheet",
    "stage_strip",
    "stages_sheet",
]
