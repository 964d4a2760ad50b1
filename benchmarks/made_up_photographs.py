"""Pictures with the spectrum of photographs and made-up people, for data sides to be timed on."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets import PoseDataset
from poseforge.formats import Annotations, Images, write_coco
from poseforge.structures import SKELETONS, People, Sample, boxes
from poseforge.transforms import read_image

PICTURE = (640, 480)
HEIGHTS = (80, 400)  # of people, pixels


class Photographs(PoseDataset):
    """People of 80 to 400 pixels on photographs of 640 x 480, as JPEG files or in memory.

    Args:
        people: How many.
        folder: Where the files are; they are written if absent.
        decoded: Whether samples bring the pictures along.
        per_picture: How many people a picture has.
    """

    name, protocol, skeleton = "photographs", "made up", SKELETONS["coco17"]

    def __init__(
        self, people: int, folder: Path, *, decoded: bool = False, per_picture: int = 1
    ) -> None:
        rng = np.random.default_rng(0)
        heights = np.exp(rng.uniform(*np.log(HEIGHTS), people))
        sides = np.stack([0.5 * heights, heights], axis=-1)
        corners = rng.uniform(0, np.array(PICTURE) - sides)
        points = corners[:, None] + rng.uniform(size=(people, 17, 2)) * sides[:, None]
        visible = np.full((people, 17), 2, np.float32)
        paths = [folder / f"{number}.jpg" for number in range(-(-people // per_picture))]
        for path in paths:
            if not path.exists():
                cv2.imwrite(str(path), _photograph(rng), [cv2.IMWRITE_JPEG_QUALITY, 95])
        self._picture_of = np.arange(people) // per_picture
        self.images = [read_image(path) for path in paths] if decoded else []
        self.people = People(
            image_paths=np.array([str(path) for path in paths])[self._picture_of],
            keypoints=points.astype(np.float32),
            visible=visible,
            boxes=boxes.box_of_points(points, visible),
            ids=np.arange(people).astype(str),
            image_ids=self._picture_of.astype(str),
        )

    def __getitem__(self, index: int) -> Sample:
        everyone = self.people
        sample: Sample = {
            "keypoints": everyone.keypoints[index],
            "visible": everyone.visible[index],
            "box": everyone.boxes[index],
        }
        if self.images:
            return {**sample, "image": self.images[self._picture_of[index]]}
        return {**sample, "image_path": str(everyone.image_paths[index])}

    def fingerprint(self) -> str:
        return f"{self.name} {len(self)} {self._picture_of[-1]}"


def coco_photographs(people: int, folder: Path) -> dict[str, str]:
    """Write photographs with a person each; return where the COCO file and its images are."""
    made_up = Photographs(people, folder).people
    sizes = np.tile(np.array(PICTURE), (people, 1))
    images = Images(made_up.image_ids, made_up.image_paths, sizes)
    path = folder / "photographs.json"
    write_coco(Annotations(Photographs.skeleton, images, made_up), path)
    return {"annotations": str(path), "images": f"{folder}/"}


def _photograph(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return noise whose spectrum falls with the frequency, as that of photographs does."""
    width, height = PICTURE
    across, down = np.fft.rfftfreq(width), np.fft.fftfreq(height)
    frequency = np.maximum(np.hypot(across, down[:, None]), 1 / width)[..., None]
    spectrum = np.fft.rfft2(rng.normal(size=(height, width, 3)), axes=(0, 1))
    picture = np.fft.irfft2(spectrum / frequency, axes=(0, 1))
    return np.clip(127.5 + 50 * picture / picture.std(), 0, 255).astype(np.uint8)
