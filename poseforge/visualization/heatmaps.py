"""What a model believes: a heatmap for each joint, alone or stage by stage.

The layout of stages in rows follows Wei et al., "Convolutional Pose Machines", CVPR 2016
(https://arxiv.org/abs/1602.00134), figure 1.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from poseforge.structures.affine import Floats
from poseforge.visualization.draw import PADDING_PX, check_image, fit, sheet
from poseforge.visualization.strokes import Image
from poseforge.visualization.text import text_line

CELL_PX = 200
LABEL_PX = 22
GUTTER_PX = 150


def overlay_heatmap(image: Image, heatmap: Floats, *, peak: float | None = None) -> Image:
    """Lay a heatmap over a dimmed grey copy of the picture.

    Args:
        image: (H, W, 3) uint8 RGB.
        heatmap: (h, w) of any resolution that covers the same picture; values at or below zero,
            and NaN, show nothing.
        peak: The value that is drawn brightest; the heatmap's own maximum unless given.

    Raises:
        ValueError: The picture is not uint8 RGB, or the heatmap is not a (h, w) array.
    """
    check_image(image)
    if heatmap.ndim != 2 or not heatmap.size:
        raise ValueError(f"an array {heatmap.shape} is no heatmap; give one map of (h, w)")
    values = np.nan_to_num(heatmap.astype(np.float32), posinf=0.0, neginf=0.0)
    brightest = float(values.max()) if peak is None else peak
    share = np.clip(values / brightest, 0, 1) if brightest > 0 else np.zeros_like(values)
    height, width = image.shape[:2]
    share = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    levels = np.rint(255 * share).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    grey = 0.65 * cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    opacity = np.sqrt(share)[..., None] * 0.9
    return np.rint(grey * (1 - opacity) + colours * opacity).astype(np.uint8)


def joint_sheet(image: Image, heatmaps: Floats, names: Sequence[str]) -> Image:
    """Draw a cell for each joint, with its name and the height of its peak.

    Each cell is brightest at its own peak, so that the place shows however unsure the joint is.

    Args:
        image: (H, W, 3) uint8 RGB.
        heatmaps: (C, h, w).
        names: C names.

    Raises:
        ValueError: There are not as many names as heatmaps.
    """
    _check_names(heatmaps, names)
    base = fit(image, (CELL_PX, CELL_PX))
    cells = [_labelled(base, "image")]
    for heatmap, name in zip(heatmaps, names, strict=True):
        cells.append(_labelled(overlay_heatmap(base, heatmap), f"{name}  {heatmap.max():.2f}"))
    columns = math.ceil(math.sqrt(len(cells)))
    return sheet(cells, columns, cell_size=_size(cells[0]))


def stage_strip(image: Image, stages: Floats, name: str) -> Image:
    """Draw one joint's heatmap after each stage, in a row with the joint's name before it.

    The cells of a row share one scale, so that a joint that grows surer grows brighter.

    Args:
        image: (H, W, 3) uint8 RGB.
        stages: (S, h, w), the first stage first.
        name: The joint's.

    Raises:
        ValueError: `stages` is not (S, h, w).
    """
    if stages.ndim != 3 or not len(stages):
        raise ValueError(f"an array {stages.shape} is no row of stages; give (S, h, w)")
    base = fit(image, (CELL_PX, CELL_PX))
    peak = float(np.nan_to_num(stages, posinf=0.0, neginf=0.0).max())
    cells = [
        _labelled(overlay_heatmap(base, stage, peak=peak), f"stage {number}  {stage.max():.2f}")
        for number, stage in enumerate(stages, start=1)
    ]
    row = sheet(cells, len(cells), cell_size=_size(cells[0]))
    title = text_line(name, (GUTTER_PX, row.shape[0]))
    return np.concatenate([title, row], axis=1)


def stages_sheet(image: Image, outputs: Floats, names: Sequence[str]) -> Image:
    """Draw one row for each joint, the stages from left to right.

    Args:
        image: (H, W, 3) uint8 RGB.
        outputs: (S, C, h, w).
        names: C names.

    Raises:
        ValueError: `outputs` is not (S, C, h, w), or there are not C names.
    """
    if outputs.ndim != 4:
        raise ValueError(f"outputs {outputs.shape} are no stages of heatmaps; give (S, C, h, w)")
    joints = np.moveaxis(outputs, 1, 0)  # (C, S, h, w)
    _check_names(joints, names)
    strips = [stage_strip(image, stages, name) for stages, name in zip(joints, names, strict=True)]
    # Neighbouring strips share their padding.
    return np.concatenate([strips[0], *(strip[PADDING_PX:] for strip in strips[1:])])


def _check_names(heatmaps: Floats, names: Sequence[str]) -> None:
    if heatmaps.ndim < 3 or not len(heatmaps) or len(heatmaps) != len(names):
        raise ValueError(
            f"heatmaps {heatmaps.shape} and {len(names)} names disagree; give one name a heatmap"
        )


def _size(image: Image) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


def _labelled(image: Image, text: str) -> Image:
    """Put a line of text on paper above the picture."""
    return np.concatenate([text_line(text, (image.shape[1], LABEL_PX)), image])
