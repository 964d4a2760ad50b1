from pathlib import Path

import pytest

from benchmarks.device_augmentation import main
from benchmarks.result import check_result


def test_both_paths_are_measured_and_make_the_same_pictures(tmp_path: Path):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    assert result["settings"]["tiny"]
    found = {item["name"]: item for item in result["measurements"]}
    for source in ("JPEG files", "decoded pictures"):
        name = f"96 x 128, {source}: a worker,"
        cpu, device = (found[f"{name} {path} path"]["values"] for path in ("cpu", "device"))
        share = found[f"{name} cpu path \u00f7 device path"]["values"]
        assert share == pytest.approx([a / b for a, b in zip(cpu, device, strict=True)])
    assert found["96 x 128: sent, cpu path"]["median"] > 3 * 96 * 128 / 1000
    assert 0 < found["96 x 128: pictures apart, worst picture"]["median"] < 1
