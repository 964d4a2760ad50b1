import numpy as np
import pytest

from poseforge.visualization import joint_sheet, overlay_heatmap, stage_strip, stages_sheet
from poseforge.visualization.draw import PADDING_PX
from poseforge.visualization.heatmaps import CELL_PX, GUTTER_PX, LABEL_PX

CELL = CELL_PX + PADDING_PX


@pytest.fixture
def image():
    return np.full((64, 64, 3), 120, dtype=np.uint8)


def bump(x, y, size=16, height=1.0):
    ys, xs = np.mgrid[:size, :size]
    return height * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / 4)


def brightest(picture):
    return np.unravel_index(picture.astype(int).sum(axis=-1).argmax(), picture.shape[:2])


def test_heat_lies_where_the_map_has_it(image):
    drawn = overlay_heatmap(image, bump(x=12, y=3))
    row, column = brightest(drawn)
    # Cell i of stride 4 is centred on pixel 4 * i + 1.5.
    assert abs(column - (4 * 12 + 1.5)) <= 2
    assert abs(row - (4 * 3 + 1.5)) <= 2
    assert np.ptp(drawn[40, 10]) == 0  # grey, far from the peak
    assert (image == 120).all()


@pytest.mark.parametrize("value", [0.0, -3.0, np.nan])
def test_a_map_without_heat_shows_the_grey_picture(image, value):
    drawn = overlay_heatmap(image, np.full((16, 16), value))
    assert (drawn == drawn[0, 0, 0]).all()


def test_a_common_peak_dims_a_lower_map(image):
    low = bump(8, 8, height=0.2)
    own, common = overlay_heatmap(image, low), overlay_heatmap(image, low, peak=1.0)
    assert common.astype(int).sum(axis=-1).max() < own.astype(int).sum(axis=-1).max()
    np.testing.assert_array_equal(own, overlay_heatmap(image, 5 * low))


def test_joint_sheet_has_a_cell_for_the_picture_and_each_joint(image):
    maps = np.stack([bump(3, 3), bump(12, 12), bump(3, 12), bump(12, 3)])
    laid = joint_sheet(image, maps, ["a", "b", "c", "d"])
    cell_height = CELL_PX + LABEL_PX + PADDING_PX
    assert laid.shape == (2 * cell_height + PADDING_PX, 3 * CELL + PADDING_PX, 3)
    second = laid[PADDING_PX + LABEL_PX :][:CELL_PX, PADDING_PX + 2 * CELL :][:, :CELL_PX]
    row, column = brightest(second)
    expected = 12.5 / 16 * CELL_PX
    assert abs(row - expected) < 8
    assert abs(column - expected) < 8


def test_labels_are_written(image):
    maps = np.stack([bump(3, 3)])
    one, other = (joint_sheet(image, maps, [name]) for name in ("left_wrist", "neck"))
    assert one.shape == other.shape
    changed = np.flatnonzero((one != other).any(axis=(1, 2)))
    assert len(changed)
    assert changed.min() >= PADDING_PX
    assert changed.max() < PADDING_PX + LABEL_PX


def test_a_strip_has_a_cell_a_stage_and_grows_brighter(image):
    stages = np.stack([bump(8, 8, height=height) for height in (0.2, 0.5, 1.0)])
    strip = stage_strip(image, stages, "left_wrist")
    assert strip.shape == (
        CELL_PX + LABEL_PX + 2 * PADDING_PX,
        GUTTER_PX + 3 * CELL + PADDING_PX,
        3,
    )
    cells = [strip[PADDING_PX + LABEL_PX :, GUTTER_PX + PADDING_PX + i * CELL :] for i in range(3)]
    peaks = [cell[:CELL_PX, :CELL_PX].astype(int).sum(axis=-1).max() for cell in cells]
    assert peaks == sorted(peaks)
    assert len(set(peaks)) == 3


def test_stages_sheet_is_the_strips_below_each_other(image):
    outputs = np.random.default_rng(0).random((3, 2, 16, 16))
    laid = stages_sheet(image, outputs, ["a", "b"])
    first, second = (stage_strip(image, outputs[:, c], name) for c, name in enumerate("ab"))
    np.testing.assert_array_equal(laid[: len(first)], first)
    np.testing.assert_array_equal(laid[-len(second) :], second)
    assert len(laid) == len(first) + len(second) - PADDING_PX


def test_tall_pictures_keep_their_proportions():
    tall = np.full((100, 50, 3), 120, dtype=np.uint8)
    laid = joint_sheet(tall, np.stack([bump(8, 8)]), ["a"])
    assert laid.shape[1] == 2 * (CELL_PX // 2 + PADDING_PX) + PADDING_PX


def test_arrays_that_disagree_are_refused(image):
    with pytest.raises(ValueError, match="give one name a heatmap"):
        joint_sheet(image, np.zeros((2, 4, 4)), ["a"])
    with pytest.raises(ValueError, match="give one name a heatmap"):
        stages_sheet(image, np.zeros((3, 2, 4, 4)), ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"give \(S, C, h, w\)"):
        stages_sheet(image, np.zeros((2, 4, 4)), ["a", "b"])
    with pytest.raises(ValueError, match=r"give \(S, h, w\)"):
        stage_strip(image, np.zeros((4, 4)), "a")
    with pytest.raises(ValueError, match="is no heatmap"):
        overlay_heatmap(image, np.zeros((2, 4, 4)))
