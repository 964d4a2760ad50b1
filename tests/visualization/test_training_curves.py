import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from poseforge.visualization.training_curves import plot_curves

SIZE = (675, 1200, 3)  # 8 x 4.5 inches at 150 dpi


def history(steps=400, every=50):
    rng = np.random.default_rng(0)
    records = []
    for step in range(1, steps + 1):
        records.append({"step": step, "loss": 2 * 0.99**step * rng.uniform(0.8, 1.2), "lr": 1e-3})
        if step % every == 0:
            records.append({"step": step, "PCK@0.2": 80 * step / steps})
    return records


def has_colour(picture, rgb):
    """Say whether a colour is in the picture, but for antialiasing."""
    near = np.abs(picture[..., ::-1].astype(int) - rgb).max(axis=-1) <= 8
    return near.sum() > 20


BLUE, VERMILION = (0, 114, 178), (213, 94, 0)


def test_losses_are_cool_and_metrics_warm(tmp_path):
    path = tmp_path / "curves.png"
    plot_curves(history(), path)
    picture = cv2.imread(str(path))
    assert picture.shape == SIZE
    assert has_colour(picture, BLUE)
    assert has_colour(picture, VERMILION)


@pytest.mark.parametrize(
    "records",
    [
        [{"step": 1, "loss": 0.7}],
        [{"step": 1, "PCK@0.2": 20.0}],
        [{"step": 1, "loss": -1.0}, {"step": 2, "loss": 0.0}],
        [{"step": 1, "loss": 2.0}, {"step": 2, "loss": float("nan")}],
        [{"step": 1, "loss": 2.0}, {"step": 1, "PCK@0.2": 0.0}],
    ],
)
def test_short_and_odd_histories_are_drawn(tmp_path, records):
    path = tmp_path / "curves.png"
    plot_curves(records, path)
    picture = cv2.imread(str(path))
    assert picture.shape == SIZE
    assert has_colour(picture, BLUE) == ("loss" in records[0])
    assert has_colour(picture, VERMILION) == any("PCK@0.2" in record for record in records)


@pytest.mark.parametrize("records", [[], [{"step": 1, "lr": 0.1}], [{"step": 1, "loss": np.inf}]])
def test_nothing_to_plot_is_an_error(tmp_path, records):
    with pytest.raises(ValueError, match=r"has a finite loss or PCK@0\.2"):
        plot_curves(records, tmp_path / "curves.png")


def test_an_interrupted_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "curves.png"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        plot_curves(history(20), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_draw_the_same_picture(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: plot_curves(history(60), path), paths))
    assert len({path.read_bytes() for path in paths}) == 1
