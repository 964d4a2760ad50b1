import subprocess
import sys

import cv2

from poseforge.visualization.figures import DPI, blank_figure, save_figure


def save_line(path):
    figure = blank_figure(2, 1)
    figure.add_subplot().plot([0, 1], [0, 1])
    save_figure(figure, path)


def test_a_figure_is_inches_at_the_stated_resolution(tmp_path):
    save_line(tmp_path / "new" / "line.png")
    assert cv2.imread(str(tmp_path / "new" / "line.png")).shape == (DPI, 2 * DPI, 3)


def test_the_same_figure_is_the_same_bytes_without_any_text_chunk(tmp_path):
    for name in ("a.png", "b.png"):
        save_line(tmp_path / name)
    first, second = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second
    assert not any(chunk in first for chunk in (b"tEXt", b"iTXt", b"tIME"))


def test_matplotlib_is_loaded_when_something_is_plotted_and_pyplot_never():
    code = """
import sys
import poseforge.visualization
assert "matplotlib" not in sys.modules
import poseforge.visualization.error_kinds, poseforge.visualization.training_curves
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
