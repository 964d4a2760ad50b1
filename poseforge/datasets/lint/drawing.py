"""The worst findings as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.lint.finding import Finding
from poseforge.datasets.lint.material import Material
from poseforge.datasets.lint.report import worst
from poseforge.transforms import BadImageError, read_image
from poseforge.visualization import draw_skeleton, save_image, sheet
from poseforge.visualization.draw import fit

Image: TypeAlias = NDArray[np.uint8]

COLUMNS = 5
PER_RULE = 20
CELL_PX = 260
MARGIN = 0.2  # of the person's longest side, around the person
FRAME = (220, 30, 30)
INK = (20, 20, 20)


def draw_findings(
    findings: Sequence[Finding], materials: Sequence[Material], folder: Path
) -> list[Path]:
    """Write a sheet a rule with its worst people, `<code>.jpg`; returns the files.

    A red frame marks the person's box. Findings about no image, or one that cannot be read, are
    left out.
    """
    by_name = {material.name: material for material in materials}
    written = []
    for code in sorted({finding.code for finding in findings}):
        cells = []
        for finding in worst(findings, code)[:PER_RULE]:
            cell = draw_finding(finding, by_name[finding.dataset])
            if cell is not None:
                cells.append(cell)
        if cells:
            written.append(folder / f"{code}.jpg")
            save_image(written[-1], sheet(cells, COLUMNS, cell_size=(CELL_PX, CELL_PX + 20)))
    return written


def draw_finding(finding: Finding, material: Material, *, title: str | None = None) -> Image | None:
    """Return a finding's person or image below a title; None where there is no image.

    The title is the person's or the image's name, if none is given.
    """
    person, row = finding.fault.person, finding.fault.image
    if row is None and person is not None:
        row = int(material.image_of[person])
    if row is None or row < 0:
        return None
    try:
        image = read_image(material.image_paths[row])
    except (BadImageError, FileNotFoundError):
        return None
    picture = image if person is None else _person(image, material, person)
    picture = fit(picture, (CELL_PX, CELL_PX))
    strip = np.full((20, picture.shape[1], 3), 255, dtype=np.uint8)
    text = title or f"{finding.person or finding.image}"[-34:]
    cv2.putText(strip, text, (2, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, INK, 1, cv2.LINE_AA)
    return np.concatenate([strip, picture])


def _person(image: Image, material: Material, row: int) -> Image:
    """Return the cut-out around a person, enlarged, with its points and its box."""
    points = np.where(material.labelled[row][:, None], material.keypoints[row], np.nan)
    corners = points[np.isfinite(points).all(axis=1)]
    if material.sound_boxes[row]:
        corners = np.concatenate([corners, material.boxes[row].reshape(2, 2)])
    if not len(corners):
        return image
    last = np.array([image.shape[1], image.shape[0]]) - 1
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = MARGIN * (high - low).max() + 2
    x1, y1 = np.clip(low - margin, 0, last - 1).astype(int).tolist()
    x2, y2 = np.clip(high + margin, (x1 + 1, y1 + 1), last).astype(int).tolist()
    cut = image[y1 : y2 + 1, x1 : x2 + 1]
    picture = fit(cut, (CELL_PX, CELL_PX))
    scale = picture.shape[1] / cut.shape[1]
    if material.sound_boxes[row]:
        box = ((material.boxes[row] - [x1, y1, x1, y1]) * scale).astype(int).tolist()
        picture = cv2.rectangle(picture.copy(), box[:2], box[2:], FRAME, 1).astype(np.uint8)
    moved = ((points - [x1, y1]) * scale).astype(np.float32)
    return draw_skeleton(picture, moved, material.skeleton)
