import json

import numpy as np
import pytest

from poseforge.inference import ImagePoses
from poseforge.inference.pose_files import check_format, write_jsonl, write_parquet

NOBODY = np.empty((0, 3, 2), np.float32), np.empty((0, 3), np.float32), np.empty((0, 4), np.float32)
PEOPLE = [
    ImagePoses(
        'a "b"/ü.jpg',
        np.array([[[1.23456, 2], [np.nan, np.nan], [5, 6.5]], [[7, 8], [9, 10], [11, 12]]], "f4"),
        np.array([[0.5, 0, 0.25], [1, 0.125, 0.98765]], "f4"),
        np.array([[0, 1, 2, 3], [4, 5, 6, 7.75]], "f4"),
    ),
    ImagePoses("empty.jpg", *NOBODY),
    ImagePoses("bad.jpg", *NOBODY, error="it is cut short"),
]


def test_json_lines_are_as_documented(tmp_path):
    path = tmp_path / "new" / "poses.jsonl"
    write_jsonl(path, iter(PEOPLE))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [list(line) for line in lines] == [
        ["image", "boxes", "keypoints", "scores"],
        ["image", "boxes", "keypoints", "scores"],
        ["image", "error"],
    ]
    assert lines[0]["image"] == 'a "b"/ü.jpg'
    assert lines[0]["keypoints"][0] == [[1.235, 2], [None, None], [5, 6.5]]
    assert lines[0]["boxes"] == [[0, 1, 2, 3], [4, 5, 6, 7.75]]
    assert lines[0]["scores"] == [[0.5, 0, 0.25], [1, 0.125, 0.988]]
    assert [lines[1][key] for key in ("boxes", "keypoints", "scores")] == [[], [], []]
    assert lines[2] == {"image": "bad.jpg", "error": "it is cut short"}


def test_parquet_has_the_same_columns(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "poses.parquet"
    write_parquet(path, iter(PEOPLE))
    rows = parquet.read_table(path).to_pylist()
    assert list(rows[0]) == ["image", "boxes", "keypoints", "scores", "note", "error"]
    for row, expected in zip(rows, PEOPLE, strict=True):
        assert (row["image"], row["error"]) == (expected.path, expected.error)
        if expected.error is None:
            np.testing.assert_array_equal(
                np.array(row["keypoints"]).reshape(expected.keypoints.shape), expected.keypoints
            )
            np.testing.assert_array_equal(
                np.array(row["scores"]).reshape(expected.scores.shape), expected.scores
            )
        else:
            assert row["keypoints"] is None


def test_a_missing_pyarrow_is_one_sentence(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"install it with pip install poseforge\[parquet\]"):
        check_format("parquet")
    check_format("jsonl")


def test_a_file_is_whole_or_not_there(tmp_path):
    def stopped():
        yield PEOPLE[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_jsonl(tmp_path / "poses.jsonl", stopped())
    assert list(tmp_path.iterdir()) == []
