import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from poseforge.formats import Annotations, Images
from poseforge.structures import SKELETONS, People


@pytest.fixture
def coco_mini() -> Path:
    """The folder of 28 COCO images; tests that need it are skipped without."""
    root = os.environ.get("POSEFORGE_DATA")
    if not root or not (Path(root) / "coco_mini").is_dir():
        pytest.skip("needs POSEFORGE_DATA with coco_mini/")
    return Path(root) / "coco_mini"


@pytest.fixture
def assert_same() -> Callable[[Annotations, Annotations], None]:
    """Compare two annotation files, every array and the skeleton."""

    def compare(first: Annotations, second: Annotations) -> None:
        assert first.skeleton == second.skeleton
        for kind in ("images", "people"):
            one, other = getattr(first, kind), getattr(second, kind)
            for column in fields(one):
                values = getattr(one, column.name), getattr(other, column.name)
                np.testing.assert_array_equal(*values, err_msg=f"{kind}.{column.name}")
                assert values[0].dtype.kind == values[1].dtype.kind, column.name

    return compare


@pytest.fixture
def three_people(tmp_path: Path) -> Annotations:
    """Two people and a crowd in two of three images, LSP's skeleton, names that are no numbers."""
    rng = np.random.default_rng(0)
    visible = rng.integers(0, 3, (3, 14)).astype(np.float32)
    visible[2] = 0
    keypoints = rng.uniform(5, 95, (3, 14, 2)).astype(np.float32) * (visible > 0)[..., None]
    paths = np.array([str(tmp_path / "pictures" / f"{name}.jpg") for name in ("a", "b", "c")])
    boxes = np.array([[1.5, 2.25, 97.1, 99.3], [3, 4, 50, 60], [0, 0, 80, 90]], dtype=np.float32)
    return Annotations(
        SKELETONS["lsp14"],
        Images(np.array(["a", "b", "c"]), paths, np.array([[100, 100], [120, 110], [7, 8]])),
        People(
            image_paths=paths[[0, 0, 1]],
            keypoints=keypoints,
            visible=visible,
            boxes=boxes,
            ids=np.array(["a/0", "a/1", "b/0"]),
            image_ids=np.array(["a", "a", "b"]),
            areas=np.array([123.25, np.nan, 7000], dtype=np.float32),
            crowd=np.array([False, False, True]),
        ),
    )
