from pathlib import Path

import cv2
import numpy as np
import pytest

from poseforge.inference import ImagePoses, drawing
from poseforge.inference.drawing import draw_poses, path_below
from poseforge.structures import SKELETONS
from poseforge.transforms import read_image
from poseforge.visualization.draw import LEFT, RIGHT

SKELETON = SKELETONS["lsp14"]


def poses_of(path: Path, places: dict[str, tuple[float, float]]) -> ImagePoses:
    keypoints = np.full((1, 14, 2), np.nan, np.float32)
    for name, place in places.items():
        keypoints[0, SKELETON.index(name)] = place
    return ImagePoses(str(path), keypoints, np.ones((1, 14)), np.zeros((1, 4)))


@pytest.mark.parametrize("longest", [4096, 400])  # as it is, and read at a half
def test_joints_are_where_they_belong(tmp_path, monkeypatch, longest):
    monkeypatch.setattr(drawing, "LONGEST", longest)
    photo = tmp_path / "a.jpg"
    cv2.imwrite(str(photo), np.zeros((600, 800, 3), np.uint8))
    poses = poses_of(photo, {"left_wrist": (201.0, 403.0), "right_ankle": (600.0, 100.0)})
    assert draw_poses(poses, SKELETON, tmp_path / "out.png")
    drawn = read_image(tmp_path / "out.png")
    half = longest == 400
    assert drawn.shape == ((300, 400, 3) if half else (600, 800, 3))
    for colour, place in ((LEFT, (201.0, 403.0)), (RIGHT, (600.0, 100.0))):
        rows, columns = np.nonzero((np.abs(drawn.astype(int) - colour) < 9).all(axis=-1))
        expected = (np.array(place) - 0.5) / 2 if half else place
        np.testing.assert_allclose((columns.mean(), rows.mean()), expected, atol=0.3)


def test_without_poses_there_is_no_picture(tmp_path):
    bad = ImagePoses("a.jpg", np.empty((0, 14, 2)), np.empty((0, 14)), np.empty((0, 4)), "broken")
    assert not draw_poses(bad, SKELETON, tmp_path / "out.jpg")
    assert not list(tmp_path.iterdir())


def test_pictures_stay_below_their_folder():
    assert path_below(Path("out"), "/a/b/c.png") == Path("out/a/b/c.jpg")
    assert path_below(Path("out"), "../b/c.png") == Path("out/b/c.jpg")
