import numpy as np
import pytest

from poseforge.datasets import PoseDataset
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
