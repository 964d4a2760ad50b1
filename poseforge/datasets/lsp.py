import hashlib
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.mat_layout import (
    LSP_LAYOUT,
    LSPET_LAYOUT,
    Layout,
    check_images,
    read_joints,
)
from poseforge.datasets.on_disk import DatasetOnDisk, check_choice
from poseforge.datasets.root import find_data_root
from poseforge.registry import DATASETS
from poseforge.structures import SKELETONS, People, boxes
from poseforge.structures.affine import Floats
from poseforge.transforms import read_size

BoxKind = Literal["joints", "image"]
PROTOCOLS = {"joints": "box of the labelled joints", "image": "whole image"}


class LeedsPeople(DatasetOnDisk):
    """What Leeds Sports Pose and its extension share: `images/` and a `joints.mat`.

    Args:
        split: Which people, one of the class's `splits`.
        data_root: The folder that holds the data set's folder; None for $POSEFORGE_DATA or ./data.
        box: "joints" puts a person's box around the labelled joints, "image" around the whole
            image, whose header is then read once when the data set is made.

    Attributes:
        left_out: How many people of the split have no labelled joint; they are not in the set.

    Raises:
        DataNotFoundError: The data set is not on this machine.
        FileNotFoundError: Its `joints.mat` or images of it are missing.
        ValueError: An argument is not one of the choices, or `joints.mat` is damaged.
    """

    folder: ClassVar[str]
    layout: ClassVar[Layout]
    splits: ClassVar[dict[str, slice]]

    def __init__(
        self, split: str, *, data_root: str | Path | None = None, box: BoxKind = "joints"
    ) -> None:
        check_choice("split", split, self.splits)
        check_choice("box", box, PROTOCOLS)
        self.root = find_data_root(self.folder, data_root)
        self.split = split
        self.box = box
        self.name = f"{self.folder}_{split}"
        self.skeleton = SKELETONS["lsp14"]
        self.protocol = PROTOCOLS[box]
        self.people, self.left_out = self._read_people()

    def fingerprint(self) -> str:
        """Return a digest of `joints.mat`, the number of images, the split and the box."""
        digest = hashlib.sha256((self.root / "joints.mat").read_bytes())
        num_images = sum(1 for _ in (self.root / "images").glob("im*.jpg"))
        digest.update(f"{num_images} images, {self.split}, {self.box}".encode())
        return digest.hexdigest()

    def _read_people(self) -> tuple[People, int]:
        keypoints, visible = read_joints(self.root / "joints.mat", self.layout)
        check_images(self.root / "images", self.layout)
        rows = np.arange(self.layout.num_people)[self.splits[self.split]]
        labelled = (visible[rows] > 0).any(axis=1)
        left_out = int((~labelled).sum())
        rows = rows[labelled]
        names = np.array(self.layout.image_names())[rows]
        paths = np.array([str(self.root / "images" / name) for name in names], dtype=np.str_)
        ids = np.array([f"{self.folder}/{name}" for name in names], dtype=np.str_)
        keypoints, visible = keypoints[rows], visible[rows]
        box = self._boxes(keypoints, visible, paths)
        return People(paths, keypoints, visible, box, ids), left_out

    def _boxes(self, keypoints: Floats, visible: Floats, paths: NDArray[np.str_]) -> Floats:
        if self.box == "joints":
            return boxes.box_of_points(keypoints, visible)
        return np.array([boxes.box_of_image(read_size(path)) for path in paths]).reshape(-1, 4)


@DATASETS.register_module()
class LSP(LeedsPeople):
    """Leeds Sports Pose (Johnson and Everingham, BMVC 2010): 2000 images of one athlete each.

    Splits: "train" is the first 1000 images and "test" the last 1000. Choose settings without the
    test half: "fit" and "val" are the first 900 and the last 100 images of "train". All 14 joints
    are always labelled. Labels are those of the file: the official one is person-centric.
    """

    folder = "lsp"
    layout = LSP_LAYOUT
    splits: ClassVar = {
        "train": slice(0, 1000),
        "test": slice(1000, 2000),
        "fit": slice(0, 900),
        "val": slice(900, 1000),
    }


@DATASETS.register_module()
class LSPExtended(LeedsPeople):
    """Leeds Sports Pose Extended Training (CVPR 2011): 10 000 images, labelled by a crowd.

    The one split is "train". 12 % of the joints are not labelled, and the others are noisy.
    """

    folder = "lspet"
    layout = LSPET_LAYOUT
    splits: ClassVar = {"train": slice(0, 10000)}

    def __init__(
        self,
        split: str = "train",
        *,
        data_root: str | Path | None = None,
        box: BoxKind = "joints",
    ) -> None:
        super().__init__(split, data_root=data_root, box=box)
