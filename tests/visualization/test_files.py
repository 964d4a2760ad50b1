import os

import cv2
import numpy as np
import pytest

from poseforge.visualization import save_image


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 255, size=(30, 50, 3), dtype=np.uint8)


def test_png_reads_back_as_it_was(image, tmp_path):
    path = tmp_path / "new" / "folder" / "picture.png"
    save_image(path, image)
    np.testing.assert_array_equal(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), image)
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupted_write_leaves_the_old_file_and_no_litter(image, tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    save_image(path, image)
    old = path.read_bytes()

    def fail(*_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        save_image(path, 255 - image)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["picture", "picture.doc"])
def test_an_unknown_format_is_refused(image, tmp_path, name):
    with pytest.raises(ValueError, match=r"use \.png or \.jpg"):
        save_image(tmp_path / name, image)
    assert not list(tmp_path.iterdir())


def test_what_is_no_picture_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no picture"):
        save_image(tmp_path / "picture.png", np.zeros((9, 9)))
