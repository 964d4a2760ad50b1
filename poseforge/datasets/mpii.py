from pathlib import Path
from typing import Literal

import numpy as np

from poseforge.datasets.mpii_json import read_head_sizes, read_mpii_json
from poseforge.datasets.mpii_labels import MpiiLabels
from poseforge.datasets.mpii_release import read_mpii_release
from poseforge.datasets.on_disk import (
    DatasetOnDisk,
    check_choice,
    check_images,
    digest_of,
    usable,
)
from poseforge.datasets.root import find_data_root
from poseforge.registry import DATASETS
from poseforge.structures import SKELETONS, People, boxes

BoxKind = Literal["scale", "joints"]
PROTOCOLS = {
    "scale": "box from the annotated centre and scale",
    "joints": "box of the labelled joints",
}
SOURCE = "http://human-pose.mpi-inf.mpg.de"
FOLDERS = ("annotations", "annot", ".")
RELEASE = "mpii_human_pose_v1_u12_1.mat"
# HRNet's names of the files, then MMPose's, then the official one.
ANNOTATIONS = {
    "train": ("train.json", "mpii_train.json"),
    "valid": ("valid.json", "mpii_val.json"),
    "trainval": ("trainval.json", "mpii_trainval.json", RELEASE),
    "test": ("test.json", "mpii_test.json", RELEASE),
}
HEAD_BOXES = {"valid": ("gt_valid.mat", "mpii_gt_val.mat")}


@DATASETS.register_module()
class MPII(DatasetOnDisk):
    """MPII Human Pose (Andriluka et al., CVPR 2014): 16 joints, 25 000 images of daily life.

    Reads the JSON files common since HRNet and the official `.mat` file. All of them count pixels
    from 1, centres included, and so do published predictions; here pixels count from 0.
    Splits: "train" and "valid" are those of Tompson et al. (CVPR 2015), whose 2958 people PCKh is
    given for; "trainval" is everyone with labels; "test" has no public labels.

    The head sizes that PCKh needs come with the official file. For "valid" in JSON they are read
    from `gt_valid.mat` (or `mpii_gt_val.mat`) where that lies beside it. Only the official file
    says which joints are hidden; it takes ten times as long to read.

    A person is called by image and number in it, `mpii/005808361.jpg/0`, counted in the order of
    the file.

    Args:
        split: Which people.
        data_root: The folder that holds `mpii`; None for $POSEFORGE_DATA or ./data. In `mpii` are
            `images` and, in `annotations` or `annot`, `train.json`, `valid.json`, `trainval.json`
            and `test.json` (or MMPose's `mpii_train.json` and so on) or the official file.
        box: "scale" is the published protocol: a square of 200 x scale pixels, its middle
            15 x scale pixels below the annotated centre; with a crop's padding of 1.25 it is
            HRNet's. "joints" is the box of the labelled joints.
        annotations: Another file, JSON or `.mat`, with `images` beside it or beside its folder.

    Attributes:
        left_out: How many people of the split have no such box; they are not in the set.

    Raises:
        DataNotFoundError: The data set is not on this machine.
        FileNotFoundError: Annotations or images of it are missing.
        ValueError: An argument is not one of the choices, or a file is damaged.
    """

    def __init__(
        self,
        split: str = "valid",
        *,
        data_root: str | Path | None = None,
        box: BoxKind = "scale",
        annotations: str | Path | None = None,
    ) -> None:
        check_choice("split", split, ANNOTATIONS)
        check_choice("box", box, PROTOCOLS)
        self.split, self.box = split, box
        self.name = f"mpii_{split}"
        self.skeleton = SKELETONS["mpii16"]
        self.protocol = PROTOCOLS[box]
        if annotations is None:
            self.annotations = _annotations_in(
                find_data_root("mpii", data_root, source=SOURCE), split
            )
        else:
            self.annotations = Path(annotations).expanduser().resolve()
        self.head_boxes = _first([self.annotations.parent], HEAD_BOXES.get(split, ()))
        self.people, self.left_out = self._read_people()

    def fingerprint(self) -> str:
        """Return a digest of the annotation files, the split and the box."""
        files = [self.annotations, *([self.head_boxes] if self.head_boxes else [])]
        return digest_of(files, self.split, self.box)

    def _read_people(self) -> tuple[People, int]:
        labels = self._read_labels()
        folder = _images_near(self.annotations)
        sizes = labels.head_sizes
        if self.head_boxes:
            sizes = read_head_sizes(self.head_boxes, labels)
        named = zip(labels.images.tolist(), labels.numbers.tolist(), strict=True)
        everyone = People(
            image_paths=np.array([str(folder / name) for name in labels.images], dtype=np.str_),
            keypoints=labels.keypoints.astype(np.float32),
            visible=labels.visible.astype(np.float32),
            boxes=(
                labels.boxes()
                if self.box == "scale"
                else boxes.box_of_points(labels.keypoints, labels.visible)
            ).astype(np.float32),
            ids=np.array([f"mpii/{name}/{number}" for name, number in named], dtype=np.str_),
            image_ids=labels.images,
            head_sizes=sizes.astype(np.float32),
        )
        kept = usable(everyone.boxes)
        people = everyone[kept]
        check_images(people.image_paths)
        return people, int((~kept).sum())

    def _read_labels(self) -> MpiiLabels:
        if self.annotations.suffix == ".mat":
            return read_mpii_release(self.annotations, self.split)
        return read_mpii_json(self.annotations)


def _annotations_in(root: Path, split: str) -> Path:
    found = _first([root / folder for folder in FOLDERS], ANNOTATIONS[split])
    if found is None:
        raise FileNotFoundError(
            f"{root} has no annotations of the split '{split}'; put {ANNOTATIONS[split][0]} in "
            f"HRNet's layout into {root / FOLDERS[0]}, or name a file with `annotations`"
        )
    return found


def _first(folders: list[Path], names: tuple[str, ...]) -> Path | None:
    """Return the first of the files that is there, or None."""
    paths = (folder / name for folder in folders for name in names)
    return next((path for path in paths if path.is_file()), None)


def _images_near(annotations: Path) -> Path:
    """Return the folder `images` beside an annotation file, else beside its folder."""
    beside = annotations.parent / "images"
    return beside if beside.is_dir() else annotations.parent.parent / "images"
