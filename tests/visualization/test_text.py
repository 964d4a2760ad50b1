import numpy as np

from poseforge.visualization.text import text_line


def ink(picture):
    """First and last row and column with dark pixels."""
    rows, columns = np.nonzero((picture < 128).all(axis=-1))
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_a_line_is_dark_on_white_and_in_the_middle():
    paper = text_line("knee", (200, 40))
    assert paper.shape == (40, 200, 3)
    assert paper.dtype == np.uint8
    top, bottom, left, right = ink(paper)
    assert abs((top + bottom) / 2 - 19.5) < 2
    assert 3 <= left < 8
    assert right < 60


def test_a_long_line_shrinks_to_the_paper():
    long = text_line("a caption that is much longer than its paper " * 2, (200, 20))
    assert ink(long)[3] < 200 - 2
    assert ink(long)[1] - ink(long)[0] < ink(text_line("gap", (200, 20)))[1]


def test_formulas_and_other_letters_are_written_as_they_are():
    assert (text_line("$x^2$", (80, 20)) != text_line("x2", (80, 20))).any()
    assert (text_line("≤ ö", (80, 20)) != text_line("? ?", (80, 20))).any()


def test_no_text_is_empty_paper():
    assert (text_line("", (50, 20)) == 255).all()
