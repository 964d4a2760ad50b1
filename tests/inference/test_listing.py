import os
from pathlib import Path

import pytest

from poseforge.inference.listing import list_images


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """b/2.PNG, b/10.jpg, a.jpeg, c/d/x.webp and files that are no images; the current folder."""
    for name in ("b/2.PNG", "b/10.jpg", "a.jpeg", "c/d/x.webp", "c/notes.md", "readme"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return Path("in")


IN_ORDER = ["in/a.jpeg", "in/b/10.jpg", "in/b/2.PNG", "in/c/d/x.webp"]


def test_a_folder_s_images_come_in_the_order_of_names(folder):
    assert list(list_images([folder])) == IN_ORDER
    assert list(list_images(["in/c", "in/b"])) == ["in/c/d/x.webp", "in/b/10.jpg", "in/b/2.PNG"]


def test_patterns_and_single_files(folder):
    assert list(list_images(["in/b/*"])) == ["in/b/10.jpg", "in/b/2.PNG"]
    assert list(list_images(["in/**/*.*[gG]"])) == IN_ORDER[:3]
    assert list(list_images(["in/readme"])) == ["in/readme"]  # who names a file means it
    Path("in/[1].jpg").touch()
    assert list(list_images(["in/[1].jpg"])) == ["in/[1].jpg"]  # a name before a pattern


def test_a_list_has_a_file_folder_or_pattern_a_line(folder):
    Path("some.txt").write_text("in/c\n\n in/a.jpeg \nin/b/*.jpg\n", encoding="utf-8")
    assert list(list_images(["some.txt"])) == ["in/c/d/x.webp", "in/a.jpeg", "in/b/10.jpg"]


def test_links_to_folders_are_followed_but_not_in_circles(folder):
    os.symlink("../..", "in/c/up")
    os.symlink("../b", "in/c/other")
    assert list(list_images(["in/c"])) == [
        "in/c/d/x.webp",
        "in/c/other/10.jpg",
        "in/c/other/2.PNG",
        *(f"in/c/up/{path}" for path in IN_ORDER[:3]),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("in/none", "there is no image, folder or list 'in/none'; check the path"),
        ("none.txt", "there is no list of images 'none.txt'"),
        ("in/*.bmp", "the pattern 'in/\\*.bmp' has no image in it; images end in .jpg, "),
        ("empty", "the folder 'empty' has no image in it"),
        ("empty.txt", "the list of images 'empty.txt' is empty"),
    ],
)
def test_what_holds_no_image(folder, name, message):
    Path("empty").mkdir()
    Path("empty.txt").write_text("\n")
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        list(list_images([name]))


def test_the_first_of_many_folders_is_listed_before_the_second_is_looked_at(folder):
    images = list_images(["in/b", "in/none"])
    assert next(images) == "in/b/10.jpg"
