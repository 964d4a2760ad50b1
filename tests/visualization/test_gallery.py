import numpy as np
import pytest

from poseforge.visualization import gallery
from poseforge.visualization.draw import LEFT, MIDDLE, PADDING_PX
from poseforge.visualization.gallery import (
    CELL_PX,
    LINE_PX,
    PADDING,
    RING_PX,
    SURROUND,
    TRUTH,
    WRONG,
)

GREY = 100
# right_paw, nose, left_paw; the longest side is 200 px, so a crop shows 260 px.
TRUE = np.array([[[300.0, 200.0], [400.0, 300.0], [500.0, 200.0]]])
SCALE = CELL_PX / (PADDING * 200)
ALL = np.full((1, 3), 2)


@pytest.fixture
def image():
    return np.full((600, 800, 3), GREY, dtype=np.uint8)


def cell(laid, number=0):
    left = PADDING_PX + number * (CELL_PX + PADDING_PX)
    return laid[PADDING_PX:, left:][:CELL_PX, :CELL_PX]


def at(point):
    """Where a pixel of the picture lies in the crop around TRUE, whose middle is (400, 250)."""
    column, row = (np.asarray(point) - [400, 250]) * SCALE + (CELL_PX - 1) / 2
    return round(row), round(column)


def near(picture, point, colour, radius=3):
    """Say whether a colour is within some pixels of a point."""
    row, column = at(point)
    part = picture[row - radius : row + radius + 1, column - radius : column + radius + 1]
    return (np.abs(part.astype(int) - colour).max(axis=-1) < 40).any()


def draw(image, dog, predicted=TRUE, visible=ALL, **options):
    options.setdefault("captions", ["a dog"])
    return gallery([image], predicted, TRUE, visible, dog, **options)


def test_a_cell_holds_a_crop_and_the_lines_of_its_caption(image, dog):
    one = draw(image, dog)
    two = draw(image, dog, captions=["a dog\nin the yard"])
    assert one.shape == (CELL_PX + LINE_PX + 2 * PADDING_PX, 4 * (CELL_PX + 8) + 8, 3)
    assert two.shape[0] == one.shape[0] + LINE_PX
    written = one[PADDING_PX + CELL_PX : -PADDING_PX]
    assert (written < 100).any()
    np.testing.assert_array_equal(two[: len(one) - PADDING_PX], one[:-PADDING_PX])


def test_predictions_lie_where_they_are_in_the_crop(image, dog):
    drawn = cell(draw(image, dog))
    assert near(drawn, TRUE[0, 2], LEFT)
    assert near(drawn, TRUE[0, 1], MIDDLE)
    assert near(drawn, (450, 250), LEFT)  # halfway from nose to left paw
    assert (drawn[at((400, 200))] == GREY).all()


def test_the_truth_is_dotted_where_the_prediction_is_elsewhere(image, dog):
    predicted = TRUE.copy()
    predicted[0, 2] = (480, 290)
    drawn = cell(draw(image, dog, predicted))
    assert near(drawn, TRUE[0, 2], TRUTH)
    along = [at((400 + 100 * share, 300 - 100 * share)) for share in np.linspace(0.2, 0.8, 200)]
    bright = np.array([drawn[place].min() > 180 for place in along])
    assert np.count_nonzero(np.diff(bright.astype(int)) == 1) >= 5  # white dots with gaps


def test_a_label_that_is_missing_is_not_drawn(image, dog):
    predicted = TRUE.copy()
    predicted[0, 2] = (480, 290)
    visible = np.array([[2, 1, 0]])
    drawn = cell(draw(image, dog, predicted, visible, wrong=np.array([[False, False, True]])))
    truth = TRUE.copy()
    truth[0, 2] = (0, 0)  # what people without a label have
    moved = cell(
        gallery([image], predicted, truth, visible, dog, captions=[""], wrong=visible == 0)
    )
    np.testing.assert_array_equal(moved, drawn)


def test_a_wrong_joint_has_a_ring_and_a_line_to_its_label(image, dog):
    predicted = TRUE.copy()
    predicted[0, 2] = (440, 250)
    wrong = np.array([[False, False, True]])
    drawn = cell(draw(image, dog, predicted, wrong=wrong))
    plain = cell(draw(image, dog, predicted))
    yellow = (np.abs(drawn.astype(int) - WRONG).max(axis=-1) < 60) & (drawn != plain).any(axis=-1)
    rows, columns = np.nonzero(yellow)
    row, column = at(predicted[0, 2])
    gap = np.hypot(rows - row, columns - column)
    assert (np.abs(gap - RING_PX) < 1.5).sum() > 20
    row, column = at((470, 225))  # halfway to the label
    assert yellow[row - 1 : row + 2, column - 1 : column + 2].any()
    assert not near(drawn, TRUE[0, 0], WRONG, radius=8)


@pytest.mark.parametrize("nowhere", [np.nan, -50, 5000])
def test_the_ring_of_a_joint_that_was_not_found_is_around_its_label(image, dog, nowhere):
    predicted = TRUE.copy()
    predicted[0, 2] = nowhere
    drawn = cell(draw(image, dog, predicted, wrong=np.array([[False, False, True]])))
    assert near(drawn, TRUE[0, 2], WRONG, radius=8)


def test_a_label_is_in_the_middle_of_its_pixel(dog):
    # The crop shows columns 32 to 47 and rows 44 to 59, each pixel 19 px wide.
    picture = np.zeros((100, 100, 3), dtype=np.uint8)
    picture[50, 40] = 255
    truth = np.array([[[40.0, 50.0], [42.0, 50.0], [40.0, 54.0]]])
    visible = np.array([[2, 0, 2]])
    drawn = cell(gallery([picture], 0 * truth + np.nan, truth, visible, dog, captions=[""]))
    row, column = (round((n + 0.5) * CELL_PX / 16 - 0.5) for n in (50 - 44, 40 - 32))
    rows, columns = np.mgrid[:CELL_PX, :CELL_PX]
    # The pixel, as scaling up spreads it: bright out to half a pixel around its middle.
    near_it = np.hypot(rows - row, columns - column)
    bright = drawn[..., 0] > 100
    block = bright & (near_it < 25) & (near_it > 5)
    # The label on it: a white dot with a dark outline.
    outline = (drawn[..., 0] < 100) & (near_it < 6)
    for shape in (block, outline):
        assert np.count_nonzero(shape) > 10
        assert (rows[shape].mean(), columns[shape].mean()) == pytest.approx((row, column), abs=0.6)


def test_crops_beyond_the_picture_are_filled(dog):
    picture = np.full((120, 220, 3), GREY, dtype=np.uint8)
    truth = TRUE - [290, 190]  # 10 to 210, 10 to 110
    laid = gallery([picture], truth, truth, ALL, dog, captions=[""])
    assert (cell(laid)[2, CELL_PX // 2] == SURROUND).all()
    assert (cell(laid)[CELL_PX // 2, CELL_PX // 2] == GREY).all()


def test_a_person_without_any_point_shows_the_whole_picture(image, dog):
    image[:, :400] = 30
    laid = gallery([image], np.full_like(TRUE, np.nan), TRUE, 0 * ALL, dog, captions=["empty"])
    drawn = cell(laid)
    assert abs(np.count_nonzero((drawn == 30).all(axis=-1)[CELL_PX // 2]) - 115) < 4


def test_people_stand_side_by_side_and_nothing_is_changed(image, dog):
    before = image.copy(), TRUE.copy()
    args = [image] * 3, np.repeat(TRUE, 3, axis=0), np.repeat(TRUE, 3, axis=0)
    laid = gallery(*args, np.repeat(ALL, 3, axis=0), dog, captions=["a", "b", "c"], columns=2)
    assert laid.shape == (2 * (CELL_PX + LINE_PX + 8) + 8, 2 * (CELL_PX + 8) + 8, 3)
    np.testing.assert_array_equal(cell(laid, 0), cell(laid, 1))
    again = gallery(*args, np.repeat(ALL, 3, axis=0), dog, captions=["a", "b", "c"], columns=2)
    np.testing.assert_array_equal(again, laid)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(TRUE, before[1])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"captions": []}, "1 pictures and 0 captions make no gallery"),
        ({"predicted": TRUE[:, :2]}, r"give \(1, 3, 2\) twice and \(1, 3\) twice"),
        ({"visible": ALL[:, :2]}, "do not fit 1 pictures and skeleton 'dog'"),
        ({"wrong": np.zeros((2, 3), dtype=bool)}, "do not fit 1 pictures"),
    ],
)
def test_arrays_that_disagree_are_refused(image, dog, changed, message):
    with pytest.raises(ValueError, match=message):
        draw(image, dog, **changed)
    with pytest.raises(ValueError, match="0 pictures and 0 captions"):
        gallery([], TRUE[:0], TRUE[:0], ALL[:0], dog, captions=[])
