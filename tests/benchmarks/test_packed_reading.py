from pathlib import Path

import pytest

from benchmarks.packed_reading import CROPS, main
from tests.benchmarks.comparing import tiny


def test_speeds_sizes_and_differences_are_measured(tmp_path: Path):
    found = {item["name"]: item for item in tiny(main, tmp_path)["measurements"]}
    assert found["people"]["values"] == [20]
    assert 0 < found["largest file"]["median"] < found["all files"]["median"]
    packed, files = (found[f"photographs: {side}"]["values"] for side in ("packed", "files"))
    assert found["photographs: packed ÷ files"]["values"] == pytest.approx(
        [one / other for one, other in zip(packed, files, strict=True)]
    )
    filled = [found[f"photographs, {title}: filled"]["median"] for title in CROPS]
    # A reach of 1.8 is more than a test crop sees, and less than what training may see.
    assert filled[0] == 0 < filled[1] < filled[2] < 50
    assert all(0 < found[f"photographs, {title}: apart"]["median"] < 30 for title in CROPS)
