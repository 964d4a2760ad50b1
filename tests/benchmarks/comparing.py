"""What tests of the comparisons with MMPose share."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks.result import Result, check_result


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str]) -> None:
    """Put modules of a stand-in for MMPose 1 before whatever is installed."""
    for name, text in {
        **files,
        "mmpose-1.dist-info/METADATA": "Name: mmpose\nVersion: 1\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def tiny(main: Callable[[list[str]], int], out: Path, *arguments: str) -> Result:
    """Run a script in its tiny mode and return what it has written."""
    assert main(["--tiny", "--out", str(out), *arguments]) == 0
    (path,) = out.glob("*.json")
    return check_result(path)
