import json
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scipy.io import savemat

from poseforge.recipes.fields import SIXTEEN_OF_COCO

# Torch decides at the first backward pass whether it needs threads for devices, and after that
# processes cannot be forked. Tests that pretend to have a GPU must not be there before it.
torch.ones(1, requires_grad=True).sum().backward()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a machine's measured ceilings out of the user's cache, for all tests to share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of the real data sets; tests that need it are skipped without."""
    root = os.environ.get("POSEFORGE_DATA")
    if not root or not all((Path(root) / name / "joints.mat").is_file() for name in LEEDS):
        pytest.skip("needs POSEFORGE_DATA with lsp/ and lspet/")
    return Path(root)


LEEDS = {"lsp": (2000, 4), "lspet": (10000, 5)}  # people, digits of an image's name


@pytest.fixture(scope="session")
def leeds_points() -> np.ndarray:
    """(14, 2) a made-up person, pixels counted from 1, inside 60 x 80."""
    return np.column_stack([np.linspace(12, 45, 14), np.linspace(70, 9, 14)])


@pytest.fixture(scope="session")
def fake_root(tmp_path_factory: pytest.TempPathFactory, leeds_points: np.ndarray) -> Path:
    """A folder with `lsp` and `lspet` in their official layouts, one small picture repeated.

    `coco` has 128 people a split and, to train on, one in each of `SIXTEEN_OF_COCO`; `mpii` in
    HRNet's layout has 64 times one person to train on, and to validate on.

    Person n is `leeds_points` moved right by n / 1000 px. In lsp the first joint of every second
    person is occluded; in lspet the second joint of every fourth person is not labelled, and
    person 7 has no labelled joint at all.
    """
    root = tmp_path_factory.mktemp("fake_data")
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(256, size=(80, 60, 3), dtype=np.uint8), (0, 0), 2)
    encoded = cv2.imencode(".jpg", picture)[1].tobytes()
    for name, (people, digits) in LEEDS.items():
        images = root / name / "images"
        images.mkdir(parents=True)
        for number in range(1, people + 1):
            (images / f"im{number:0{digits}d}.jpg").write_bytes(encoded)
    joints = np.zeros((10000, 14, 3))
    joints[..., :2] = leeds_points
    joints[..., 0] += np.arange(10000)[:, None] / 1000
    lsp, lspet = joints[:2000].copy(), joints
    lsp[::2, 0, 2] = 1
    lspet[..., 2] = 1
    lspet[::4, 1] = (-20, -30, 0)
    lspet[6] = (-1, 0, 0)
    savemat(root / "lsp" / "joints.mat", {"joints": lsp.transpose(2, 1, 0)})
    savemat(root / "lspet" / "joints.mat", {"joints": lspet.transpose(1, 2, 0)})
    _write_mpii(root / "mpii", encoded, leeds_points)
    _write_coco(root / "coco", encoded)
    return root


def _write_coco(folder: Path, encoded: bytes) -> None:
    """A few pictures a split in the official folders, one whole person in each."""
    (folder / "annotations").mkdir(parents=True)
    keypoints = [number for k in range(17) for number in (5 + 3 * k, 10 + 4 * k, 2)]
    person = {"category_id": 1, "iscrowd": 0, "num_keypoints": 17, "keypoints": keypoints}
    for split, more in (("train", SIXTEEN_OF_COCO), ("val", ())):
        numbers = [*range(1, 129), *map(int, more)]
        document = {
            "images": [
                {"id": n, "file_name": f"{n:012d}.jpg", "width": 60, "height": 80} for n in numbers
            ],
            "categories": [{"id": 1, "name": "person", "keypoints": [], "skeleton": []}],
            "annotations": [
                {"id": n, "image_id": n, "bbox": [4, 9, 50, 66], "area": 1700.0, **person}
                for n in numbers
            ],
        }
        (folder / f"{split}2017").mkdir()
        for n in numbers:
            (folder / f"{split}2017" / f"{n:012d}.jpg").write_bytes(encoded)
        path = folder / "annotations" / f"person_keypoints_{split}2017.json"
        path.write_text(json.dumps(document))


def _write_mpii(folder: Path, encoded: bytes, points: np.ndarray) -> None:
    for name in ("images", "annotations"):
        (folder / name).mkdir(parents=True)
    (folder / "images" / "one.jpg").write_bytes(encoded)
    person = {
        "image": "one.jpg",
        "center": [30, 40],
        "scale": 0.4,
        "joints": [*points.tolist(), *points[:2].tolist()],
        "joints_vis": [1] * 16,
    }
    for split in ("train", "valid"):
        (folder / "annotations" / f"{split}.json").write_text(json.dumps([person] * 64))
