from pathlib import Path

import pytest

from benchmarks.planted_faults import write_clean


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drawn people and a COCO file of them without a mistake."""
    folder = tmp_path_factory.mktemp("clean")
    write_clean(folder)
    return folder
