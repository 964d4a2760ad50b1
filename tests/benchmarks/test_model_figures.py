"""The figures of docs/models/ can be drawn, and those in the repository are what is drawn."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from benchmarks.model_figures import (
    FIGURES,
    IMAGES,
    PEOPLE,
    STRANGERS,
    enlarge,
    frame,
    hmappose_knees,
    lit,
    main,
)
from benchmarks.receptive_fields import build_model


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    main(["--out", str(folder)])
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_docs_are_up_to_date_and_small(drawn: Path, name: str):
    fresh, kept = (cv2.imread(str(folder / name)).astype(float) for folder in (drawn, IMAGES))
    assert fresh.shape == kept.shape
    assert np.abs(fresh - kept).mean() < 2  # other fonts and JPEG writers move a few pixels
    assert (IMAGES / name).stat().st_size < 150_000


def test_people_are_generated():
    assert {people.name for people in (PEOPLE, STRANGERS)} == {"synthetic"}


def test_knees_are_drawn_from_the_networks_answers():
    torch.manual_seed(0)
    model = build_model("quickstart", device="cpu").eval()
    first = hmappose_knees(model)
    assert first.shape[1] <= 620
    np.testing.assert_array_equal(first, hmappose_knees(model))
    torch.nn.init.zeros_(model.head.blocks[-1].weight)
    torch.nn.init.zeros_(model.head.blocks[-1].bias)
    assert np.abs(first.astype(float) - hmappose_knees(model)).mean() > 5


def test_weights_that_are_not_there_are_refused(tmp_path: Path):
    path = tmp_path / "no.pth"
    with pytest.raises(ValueError, match="there is no checkpoint file"):
        main(["--out", str(tmp_path), "--quickstart", str(path)])


def test_pixels_become_squares():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = enlarge(image, 3)
    assert large.shape == (6, 6, 3)
    np.testing.assert_array_equal(large[::3, ::3], image)
    np.testing.assert_array_equal(large[:3, 3:], np.broadcast_to(image[0, 1], (3, 3, 3)))


def test_only_the_square_stays_lit():
    image = np.full((60, 80, 3), 100, np.uint8)
    shown = lit(image, np.array([50.0, 20.0]), 21)
    lit_up = (shown == 100).all(axis=-1)
    lit_up[14:27, 44:57] = True  # the mark in the middle
    rows, columns = np.nonzero(lit_up)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (10, 30, 40, 60)
    assert image.min() == 100


def test_a_frame_is_drawn_on_the_squares_edge():
    image = np.zeros((60, 80, 3), np.uint8)
    frame(image, np.array([40.0, 30.0]), 20, (255, 0, 0))
    assert image[20, 30:51, 0].min() > 0
    assert image[20:41, 50, 0].min() > 0
    assert not image[24:37, 34:47].any()
