from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from poseforge.datasets.on_disk import (
    check_choice,
    check_images,
    digest_of,
    load_mat,
    numbers_within,
    usable,
)


def test_numbers_within_count_equal_names():
    names = np.random.default_rng(0).choice(list("abcdef"), 200)
    expected = [(names[:row] == name).sum() for row, name in enumerate(names)]
    assert numbers_within(names).tolist() == expected
    assert numbers_within(np.empty(0, np.str_)).tolist() == []


def test_usable_boxes_have_numbers_and_a_length():
    boxes = [[0, 0, 5, 5], [0, 0, 0, 5], [3, 3, 3, 3], [np.nan, 0, 1, 1], [5, 5, 0, 0]]
    assert usable(np.array(boxes)).tolist() == [True, True, False, False, False]


def test_missing_images_are_counted_and_each_folder_is_listed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listed = []
    iterdir = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: listed.append(self) or iterdir(self))
    there = [str(tmp_path / name) for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "a/1.jpg")]
    check_images(there)
    assert sorted(listed) == [tmp_path / "a", tmp_path / "b"]
    absent = [str(tmp_path / name) for name in ("b/2.jpg", "c/1.jpg", "b/2.jpg")]
    with pytest.raises(FileNotFoundError, match=r"2 of 5 images are missing in .*b, .* is 2\.jpg"):
        check_images(there + absent)


def test_choices():
    check_choice("box", "a", {"a": 1})
    with pytest.raises(ValueError, match="box='c' is not known; choose one of a, b"):
        check_choice("box", "c", ("a", "b"))


def test_digest_tells_contents_and_facts_apart(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    digests = {
        digest_of([one, two], 1),
        digest_of([two, one], 1),
        digest_of([one], 1),
        digest_of([one, two], 2),
    }
    one.write_text("a")
    two.write_text("bc")
    assert len(digests | {digest_of([one, two], 1)}) == 5


def test_unreadable_mat_files(tmp_path: Path):
    path = tmp_path / "x.mat"
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_mat(path, "RELEASE")
    savemat(path, {"other": 1})
    with pytest.raises(ValueError, match="has no variable 'RELEASE'"):
        load_mat(path, "RELEASE")
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(ValueError, match="damaged or not a MATLAB file"):
        load_mat(path, "RELEASE")
