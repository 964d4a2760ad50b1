from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from poseforge.datasets.coco_detections import people_of_detections
from poseforge.datasets.on_disk import (
    DatasetOnDisk,
    check_choice,
    check_images,
    digest_of,
    usable,
)
from poseforge.datasets.root import find_data_root
from poseforge.formats import Annotations, read_coco
from poseforge.registry import DATASETS
from poseforge.structures import People, Skeleton, as_skeleton
from poseforge.structures.boxes import box_of_points

BoxKind = Literal["annotated", "joints"]
PROTOCOLS = {"annotated": "annotated box", "joints": "box of the labelled joints"}
SOURCE = "https://cocodataset.org/#download"
SPLITS = ("train", "val")


@DATASETS.register_module()
class CocoStyle(DatasetOnDisk):
    """People of any kind with keypoints of any kind, in a COCO annotation file.

    `people` are those with a labelled keypoint who are no crowd; `truth` is everyone. A box is that
    of the file: x, y, x + width, y + height; the crop pads it.

    Args:
        annotations: The COCO keypoint file.
        images: The folder that the file's image names count from.
        skeleton: A known name, or the fields of one's own: `name`, `keypoints`, `pairs` and
            `links`, and what else a `Skeleton` has; None for what the file's category says.
        boxes: "annotated" are the file's boxes, "joints" those of the labelled keypoints.
        detections: A COCO results file of a detector: a list of `image_id`, `category_id`, `bbox`
            and `score`. `people` are then the boxes found, without labels: for testing only.
        min_score: The lowest score of a detection that is looked at.
        name: What tables call it; None for the file's.

    Attributes:
        left_out: How many of `people` have a box without a size; they are not in it.

    Raises:
        FileNotFoundError: A file is missing, or images are.
        ValueError: An argument is not one of the choices, a file is damaged, or its keypoints are
            not the skeleton's.
    """

    def __init__(
        self,
        annotations: str | Path,
        images: str | Path,
        *,
        skeleton: str | Mapping[str, Any] | Skeleton | None = None,
        boxes: BoxKind = "annotated",
        detections: str | Path | None = None,
        min_score: float = 0.0,
        name: str | None = None,
    ) -> None:
        check_choice("boxes", boxes, PROTOCOLS)
        if detections is not None and boxes != "annotated":
            raise ValueError(
                f"boxes={boxes!r} and detections exclude one another; leave out one of them"
            )
        self.annotations = Path(annotations).expanduser()
        self.detections = None if detections is None else Path(detections).expanduser()
        self.boxes, self.min_score = boxes, min_score
        given = None if skeleton is None else as_skeleton(skeleton)
        read = read_coco(self.annotations, image_root=Path(images).expanduser(), skeleton=given)
        self.name = name or self.annotations.stem
        self.skeleton = read.skeleton
        self._truth = read.everyone
        if self.detections is None:
            self.protocol = PROTOCOLS[boxes]
            people = self._labelled(read.people)
        else:
            self.protocol = f"boxes of {self.detections.name} with scores from {min_score:g}"
            people = self._detected(read, self.detections)
        kept = usable(people.boxes)
        self.people, self.left_out = people[kept], int((~kept).sum())
        check_images(self.people.image_paths)

    @property
    def truth(self) -> People:
        """Everyone who is annotated: crowds and people without a labelled keypoint included.

        Each image without people has somebody without labels and extent, so that what is found
        there counts as wrong.
        """
        return self._truth

    def fingerprint(self) -> str:
        """Return a digest of the files, the skeleton and where boxes come from."""
        files = [self.annotations, *([self.detections] if self.detections else [])]
        return digest_of(files, self.skeleton, self.boxes, self.min_score)

    def _labelled(self, everyone: People) -> People:
        people = everyone[everyone.to_find]
        if self.boxes == "joints":
            return replace(people, boxes=box_of_points(people.keypoints, people.visible))
        return people

    def _detected(self, read: Annotations, detections: Path) -> People:
        return people_of_detections(
            detections, self.annotations, read.images, self.skeleton.num_keypoints, self.min_score
        )


@DATASETS.register_module()
class CocoKeypoints(CocoStyle):
    """COCO keypoints (Lin et al., ECCV 2014) of 2017, in the official folders.

    Splits: "train" and "val"; the labels of the test images are not public.

    Args:
        split: Which images.
        data_root: The folder that holds the data set's folder; None for $POSEFORGE_DATA or ./data.
        boxes: As in `CocoStyle`.
        detections: As in `CocoStyle`, such as the `COCO_val2017_detections_AP_H_56_person.json`
            that published numbers are given for.
        min_score: As in `CocoStyle`.
        folder: The data set's folder; in it are `annotations/person_keypoints_train2017.json` and
            `train2017`.

    Raises:
        DataNotFoundError: The data set is not on this machine.
        FileNotFoundError: A file is missing, or images are.
        ValueError: An argument is not one of the choices, or a file is damaged.
    """

    def __init__(
        self,
        split: str,
        *,
        data_root: str | Path | None = None,
        boxes: BoxKind = "annotated",
        detections: str | Path | None = None,
        min_score: float = 0.0,
        folder: str = "coco",
    ) -> None:
        check_choice("split", split, SPLITS)
        root = find_data_root(folder, data_root, source=SOURCE)
        super().__init__(
            root / "annotations" / f"person_keypoints_{split}2017.json",
            root / f"{split}2017",
            skeleton="coco17",
            boxes=boxes,
            detections=detections,
            min_score=min_score,
            name=f"{folder}_{split}",
        )
