from pathlib import Path

import pytest


@pytest.fixture
def golden(data_root: Path) -> Path:
    """The folder of published labels and predictions; tests that need it are skipped without."""
    folder = data_root / "golden"
    if not folder.is_dir():
        pytest.skip("needs golden/ in POSEFORGE_DATA")
    return folder
