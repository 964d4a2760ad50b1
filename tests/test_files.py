import os
import threading
from pathlib import Path

import pytest

from poseforge.files import alone, replacing, write_text


def test_a_text_is_written_whole_and_folders_are_made(tmp_path: Path):
    path = tmp_path / "new" / "a.txt"
    write_text(path, "über")
    assert path.read_bytes() == "über".encode()


def test_an_interrupted_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "report.json"
    write_text(path, "old")

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "a"
    write_text(path, "old")

    def write_half() -> None:
        with replacing(path) as aside:
            aside.write_text("ne")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_one_process_at_a_time_is_alone(tmp_path: Path):
    folder, order = tmp_path / "new", []

    def second() -> None:
        with alone(folder):
            order.append("second")

    with alone(folder):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)  # it waits
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
