import numpy as np
import pytest

from poseforge.structures import SKELETONS, Skeleton
from poseforge.visualization import draw_skeleton, sheet
from poseforge.visualization.draw import LEFT, MIDDLE, PADDING_PX, PAPER, RIGHT

PERSON = Skeleton(
    name="cross",
    keypoints=("left_hand", "right_hand", "head", "belly"),
    pairs=(("left_hand", "right_hand"),),
    links=(("head", "belly"), ("head", "left_hand"), ("head", "right_hand")),
)
POINTS = np.array([[90.0, 50.0], [10.0, 50.0], [50.0, 10.0], [50.0, 90.0]])


@pytest.fixture
def image():
    return np.full((100, 100, 3), 100, dtype=np.uint8)


def distance_to(segments, shape):
    """Distance of every pixel to the nearest of some segments."""
    ys, xs = np.mgrid[: shape[0], : shape[1]]
    pixels = np.stack([xs, ys], axis=-1).astype(float)
    nearest = np.full(shape[:2], np.inf)
    for start, end in segments:
        along = np.clip((pixels - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
        gap = np.linalg.norm(pixels - start - along[..., None] * (end - start), axis=-1)
        nearest = np.minimum(nearest, gap)
    return nearest


def test_pixels_change_on_the_bones_and_nowhere_else(image):
    drawn = draw_skeleton(image, POINTS, PERSON)
    changed = (drawn != image).any(axis=-1)
    gap = distance_to([(POINTS[a], POINTS[b]) for a, b in PERSON.link_indices], image.shape)
    assert changed[gap < 0.8].all()
    assert not changed[gap > 6].any()
    assert (image == 100).all()


def test_sides_have_their_colours(image):
    drawn = draw_skeleton(image, POINTS, PERSON)
    halfway = {"left_hand": drawn[30, 70], "right_hand": drawn[30, 30], "belly": drawn[60, 50]}
    for (joint, colour), expected in zip(halfway.items(), (LEFT, RIGHT, MIDDLE), strict=True):
        # A line one pixel wide is blended with its outline.
        np.testing.assert_allclose(colour, expected, atol=30, err_msg=joint)


def test_left_is_warm_right_is_cool_middle_is_neutral():
    assert LEFT[0] > LEFT[2] + 100
    assert RIGHT[2] > RIGHT[0] + 100
    assert max(MIDDLE) - min(MIDDLE) < 10


@pytest.mark.parametrize("where", [[np.nan, 50], [-30, 50], [200, 50], [10, 100.6], [np.inf, 0]])
def test_a_joint_that_is_nowhere_takes_its_bone_with_it(image, where):
    points = POINTS.copy()
    points[1] = where
    drawn = draw_skeleton(image, points, PERSON)
    changed = (drawn != image).any(axis=-1)
    assert not changed[:, :40].any()
    assert changed[:, 45:].any()


def test_an_unsure_joint_is_left_out(image):
    scores = np.array([0.9, 0.2, 0.9, 0.9])
    drawn = draw_skeleton(image, POINTS, PERSON, scores=scores, min_score=0.3)
    assert (drawn[:, :40] == image[:, :40]).all()
    everything = draw_skeleton(image, POINTS, PERSON, scores=scores, min_score=0.2)
    assert (everything == draw_skeleton(image, POINTS, PERSON)).all()


def test_a_mirrored_person_on_a_mirrored_picture_is_the_mirrored_drawing():
    rng = np.random.default_rng(0)
    lsp14 = SKELETONS["lsp14"]
    image = rng.integers(0, 255, size=(120, 161, 3), dtype=np.uint8)
    # Multiples of 1/16, the resolution of drawing.
    points = rng.integers(16 * 20, 16 * 100, size=(14, 2)) / 16
    swapped = (points * [-1, 1] + [160, 0])[lsp14.flip_indices]
    mirrored = draw_skeleton(image[:, ::-1], swapped, lsp14)[:, ::-1].astype(int)
    drawn = draw_skeleton(image, points, lsp14).astype(int)
    # Left and right trade colours, so only where something is drawn can be compared.
    touched = (drawn != image).any(axis=-1)
    assert (touched == (mirrored != image).any(axis=-1)).mean() > 0.98


def test_larger_pictures_get_thicker_bones():
    widths = []
    for scale in (1, 8):
        image = np.zeros((100 * scale, 100 * scale, 3), dtype=np.uint8)
        drawn = draw_skeleton(image, POINTS * scale, PERSON)
        widths.append((drawn[60 * scale] > 150).all(axis=-1).sum())  # across head to belly
    assert widths[1] >= 4 * widths[0]


@pytest.mark.parametrize(
    "picture", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3)), np.zeros((0, 9, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(ValueError, match="is no picture"):
        draw_skeleton(picture, POINTS, PERSON)


def test_keypoints_of_another_skeleton_are_refused(image):
    with pytest.raises(ValueError, match=r"give \(4, 2\)"):
        draw_skeleton(image, POINTS[:3], PERSON)


def test_sheet_puts_each_picture_in_the_middle_of_its_cell():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    images = [np.full((40, 20, 3), colour, dtype=np.uint8) for colour in colours]
    laid = sheet(images, 2, cell_size=(60, 80))
    assert laid.shape == (2 * 80 + 3 * PADDING_PX, 2 * 60 + 3 * PADDING_PX, 3)
    for number, colour in enumerate(colours):
        row, column = divmod(number, 2)
        top, left = (PADDING_PX + 88 * row, PADDING_PX + 68 * column)
        cell = laid[top : top + 80, left : left + 60]
        assert (cell[:, 10:50] == colour).all()
        assert (cell[:, :10] == PAPER).all()
        assert (cell[:, 50:] == PAPER).all()
    assert (laid[-80:, -60:] == PAPER).all()


@pytest.mark.parametrize(("count", "columns"), [(0, 1), (1, 0)])
def test_an_empty_sheet_is_refused(image, count, columns):
    with pytest.raises(ValueError, match="make no sheet"):
        sheet([image] * count, columns, cell_size=(10, 10))
