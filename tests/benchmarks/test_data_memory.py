from pathlib import Path

import pytest

from benchmarks.data_memory import main
from benchmarks.result import check_result

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on one core


def medians(out: Path, *arguments: str) -> dict[str, list[float]]:
    """Return each measurement's values, epoch by epoch."""
    assert main([*arguments, "--out", str(out)]) == 0
    (path,) = out.glob("*.json")
    return {item["name"]: item["values"] for item in check_result(path)["measurements"]}


def test_each_workers_memory_is_noted_after_each_epoch(tmp_path: Path):
    found = medians(tmp_path, "--tiny")
    assert set(found) == {
        f"{kind}, worker {number} of 2, {title}"
        for kind in ("people", "scenes")
        for number in (1, 2)
        for title in ("private", "PSS")
    }
    assert all(len(values) == 2 and 1 < min(values) < 2000 for values in found.values())


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_memory_does_not_grow_over_twenty_epochs(tmp_path: Path):
    for name, values in medians(tmp_path).items():
        if name.endswith("private"):
            # The arrays of 150 000 people are 80 MB and more; a copy of them would show.
            assert max(values) - values[4] < 10, name
            assert values[4] - values[0] < 20, name
