from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from poseforge.structures import SKELETONS, People, Skeleton


@pytest.fixture
def golden(data_root: Path) -> Path:
    """The folder of published labels and predictions; tests that need it are skipped without."""
    folder = data_root / "golden"
    if not folder.is_dir():
        pytest.skip("needs golden/ in POSEFORGE_DATA")
    return folder


@pytest.fixture
def lsp14() -> Skeleton:
    return SKELETONS["lsp14"]


@pytest.fixture
def mpii16() -> Skeleton:
    return SKELETONS["mpii16"]


@pytest.fixture
def as_people() -> Callable[..., People]:
    def make(keypoints: np.ndarray, visible: np.ndarray | None = None) -> People:
        count = len(keypoints)
        if visible is None:
            visible = np.full(keypoints.shape[:2], 2)
        return People(
            image_paths=np.array([], dtype=str),
            keypoints=keypoints.astype(np.float32),
            visible=visible.astype(np.float32),
            boxes=np.zeros((count, 4), dtype=np.float32),
            ids=np.arange(count).astype(str),
        )

    return make
