import json
from pathlib import Path

import pytest

from poseforge.inference.boxes_file import BoxesFile


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_boxes_are_found_by_image_whatever_its_path_is_written_like(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    boxes = BoxesFile(
        write(
            tmp_path / "b.jsonl",
            {"image": "in/a.jpg", "boxes": [[1, 2, 3, 4], [5, 6, 7.5, 8]], "score": 1},
            {"image": str(tmp_path / "b.jpg"), "boxes": []},
            {"image": "c.jpg", "error": "it was cut short"},
        )
    )
    assert boxes("./in/../in/a.jpg").tolist() == [[1, 2, 3, 4], [5, 6, 7.5, 8]]
    assert boxes(str(tmp_path / "in" / "a.jpg")).shape == (2, 4)
    assert boxes("b.jpg").shape == (0, 4)
    with pytest.raises(ValueError, match=r"has no line for 'c.jpg'; add one, with an empty list"):
        boxes("c.jpg")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2 of '.*' is not of the form \{\"image\": "),
        ("[1]", "line 2 of"),
        ({"image": 3, "boxes": []}, "line 2 of"),
        ({"image": "b.jpg"}, "line 2 of"),
        (
            {"image": "b.jpg", "boxes": [1, 2, 3, 4]},
            r"the boxes of 'b.jpg', line 2 .* shape \(4,\)",
        ),
        ({"image": "b.jpg", "boxes": [[1, 2, 0, 4]]}, "no width or height"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path, line, message):
    path = write(tmp_path / "b.jsonl", {"image": "a.jpg", "boxes": []}, line)
    with pytest.raises(ValueError, match=message):
        BoxesFile(path)


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file of boxes"):
        BoxesFile(tmp_path / "none.jsonl")
