import numpy as np
import pytest

from poseforge.visualization.strokes import OUTLINE, dot, dotted_line, line, ring

RED = (200, 0, 0)


@pytest.fixture
def canvas():
    return np.full((61, 61, 3), 100, dtype=np.uint8)


def distances(point):
    ys, xs = np.mgrid[:61, :61]
    return np.hypot(xs - point[0], ys - point[1])


def test_a_ring_is_as_far_from_its_middle_as_it_says(canvas):
    ring(canvas, np.array([30.5, 30.25]), RED, 15, 2)
    gap = np.abs(distances((30.5, 30.25)) - 15)
    changed = (canvas != 100).any(axis=-1)
    assert changed[gap < 0.5].all()
    assert not changed[gap > 1 + 2.5].any()


def test_a_dot_is_filled(canvas):
    dot(canvas, np.array([30.0, 30.0]), RED, 10)
    assert (canvas[distances((30, 30)) < 9] == RED).all()
    assert (canvas[distances((30, 30)) > 12] == 100).all()


def test_a_line_is_on_its_ends(canvas):
    line(canvas, np.array([10.0, 20.0]), np.array([50.0, 20.0]), RED, 3)
    assert (canvas[20, 10:51] == RED).all()
    assert (canvas[26:] == 100).all()


def test_dots_stand_at_both_ends_and_at_even_distances(canvas):
    start, end = np.array([10.0, 30.0]), np.array([50.0, 30.0])
    dotted_line(canvas, start, end, RED, radius_px=1.5, gap_px=10)
    middles = (canvas[30] == RED).all(axis=-1)
    assert middles[[10, 20, 30, 40, 50]].all()
    assert (canvas[30, [15, 25, 35, 45]] == 100).all()
    assert (np.abs(canvas[30].astype(int) - OUTLINE).max(axis=-1) < 60).any()


def test_a_line_of_no_length_is_a_dot(canvas):
    dotted_line(canvas, np.full(2, 30.0), np.full(2, 30.0), RED, radius_px=2, gap_px=10)
    assert (canvas[30, 30] == RED).all()
