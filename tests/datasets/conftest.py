import cv2
import numpy as np
import pytest

from poseforge.datasets import PoseDataset
from poseforge.datasets.on_disk import DatasetOnDisk
from poseforge.structures import SKELETONS, People, boxes


class Drawn(PoseDataset):
    """People whose pictures are made on the spot: every pixel says which person it is."""

    def __init__(self, size, skeleton="lsp14", name="drawn", paths=False):
        self.name, self.skeleton, self.protocol = name, SKELETONS[skeleton], "drawn box"
        num_keypoints = self.skeleton.num_keypoints
        keypoints = np.random.default_rng(size).uniform(10, 50, (size, num_keypoints, 2))
        visible = np.full((size, num_keypoints), 2, np.float32)
        self.people = People(
            image_paths=np.array([f"{name}/{n}.jpg" for n in range(size)] if paths else []),
            keypoints=keypoints.astype(np.float32),
            visible=visible,
            boxes=boxes.box_of_points(keypoints, visible).reshape(-1, 4),
            ids=np.array([f"{name}{n}" for n in range(size)]),
        )

    def __getitem__(self, index):
        return {
            "image": np.full((60, 60, 3), index % 256, np.uint8),
            "keypoints": self.people.keypoints[index],
            "visible": self.people.visible[index],
            "box": self.people.boxes[index],
        }

    def fingerprint(self):
        return f"{self.name}{len(self)}"


@pytest.fixture
def drawn():
    return Drawn


class Pictures(DatasetOnDisk):
    """People of the fixture `drawn`, but with image files."""

    def fingerprint(self):
        return f"pictures {len(self)}"


@pytest.fixture
def pictures(drawn, tmp_path):
    """People of 60 pixels in smooth pictures of 500 x 400, in files without loss."""
    data = drawn(5)
    rng = np.random.default_rng(0)
    for n in range(5):
        noise = cv2.GaussianBlur(rng.normal(size=(400, 500, 3)), (0, 0), 4)
        picture = cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"{n}.png"), picture)
    corners = rng.uniform((0, 0), (430, 330), (5, 1, 2)).astype(np.float32)
    keypoints = data.people.keypoints + corners

    data.__class__ = Pictures
    data.people = People(
        image_paths=np.array([str(tmp_path / f"{n}.png") for n in range(5)]),
        keypoints=keypoints,
        visible=data.people.visible,
        boxes=np.concatenate([keypoints.min(axis=1), keypoints.max(axis=1)], axis=-1),
        ids=data.people.ids,
    )
    return data
