"""The `joints.mat` files of Leeds Sports Pose and its extension, which disagree on everything.

|                     | LSP                         | LSP Extended                            |
|---------------------|-----------------------------|-----------------------------------------|
| array               | (3, 14, 2000)               | (14, 3, 10000)                          |
| third row           | 1 = occluded, 0 = seen      | 1 = labelled, 0 = not labelled          |
| not labelled        | never                       | x <= 0 and y <= 0, the numbers are junk |
| image file          | im0001.jpg                  | im00001.jpg                             |

Both count pixels from 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poseforge.formats.containers import demand, load_mat
from poseforge.structures.affine import Floats


def _lsp_visible(points: Floats, flags: Floats) -> Floats:
    return np.where(flags == 1, 1, 2)


def _lspet_visible(points: Floats, flags: Floats) -> Floats:
    nowhere = (points <= 0).all(axis=-1)
    return np.where((flags == 0) | nowhere, 0, 2)


@dataclass(frozen=True)
class Layout:
    """How one of the two sets lies on disk.

    Attributes:
        shape: Of the array `joints`.
        axes: The order of its axes that gives (N, 14, 3).
        digits: Of the number in an image's name.
        visible: From 1-based points (N, K, 2) and flags (N, K) to 0, 1 or 2.
    """

    shape: tuple[int, int, int]
    axes: tuple[int, int, int]
    digits: int
    visible: Callable[[Floats, Floats], Floats]

    @property
    def num_people(self) -> int:
        """How many people, one an image, the set has."""
        return self.shape[-1]

    def image_names(self) -> list[str]:
        """Return the images' file names in the order of the people."""
        return [f"im{number + 1:0{self.digits}d}.jpg" for number in range(self.num_people)]


LSP_LAYOUT = Layout((3, 14, 2000), (2, 1, 0), 4, _lsp_visible)
LSPET_LAYOUT = Layout((14, 3, 10000), (2, 0, 1), 5, _lspet_visible)


def read_joints(path: Path, layout: Layout) -> tuple[Floats, Floats]:
    """Read a `joints.mat`.

    Returns:
        keypoints (N, 14, 2) float32, counted from 0, and 0 where not labelled; visible (N, 14)
        float32: 0, 1 or 2.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, has another shape, or holds numbers that mean nothing.
    """
    joints = demand(path, load_mat(path), "joints")[0].astype(np.float64)
    if joints.shape != layout.shape:
        raise ValueError(
            f"{path}: 'joints' has the shape {joints.shape}, but this data set's has "
            f"{layout.shape}; put the data set's own joints.mat there"
        )
    joints = joints.transpose(layout.axes)  # (N, 14, 3)
    points, flags = joints[..., :2], joints[..., 2]
    if not np.isin(flags, (0, 1)).all():
        raise ValueError(f"{path}: a third number of a joint is neither 0 nor 1; get the file anew")
    visible = layout.visible(points, flags)
    broken = (visible > 0) & ~np.isfinite(points).all(axis=-1)
    if broken.any():
        person, joint = (int(n) for n in np.argwhere(broken)[0])
        raise ValueError(
            f"{path}: joint {joint + 1} of person {person + 1} is labelled but its place is not a "
            "number; get the file anew"
        )
    keypoints = np.where((visible > 0)[..., None], points - 1, 0)
    return keypoints.astype(np.float32), visible.astype(np.float32)


def check_images(folder: Path, layout: Layout) -> None:
    """Refuse a folder in which an image is missing.

    Raises:
        FileNotFoundError: The folder or images in it are missing; the message names the first.
    """
    names = layout.image_names()
    there = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    missing = [name for name in names if name not in there]
    if missing:
        raise FileNotFoundError(
            f"{len(missing)} of {len(names)} images are missing in {folder}, the first is "
            f"{missing[0]}; move the data set's folder away and download it again"
        )
