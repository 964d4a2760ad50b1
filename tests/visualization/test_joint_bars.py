import numpy as np
import pytest
from matplotlib.colors import to_rgb

from poseforge.visualization.joint_bars import plot_joint_bars
from poseforge.visualization.joint_groups import LEFT, RIGHT

NAN = float("nan")
BARS = {"nose": (90.0, 88.0, 93.0), "right_paw": (70.0, 66.0, 73.0), "left_paw": (60.0, NAN, NAN)}


def row_names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_bars_are_as_long_as_the_numbers_with_pairs_together(dog, figures, tmp_path):
    plot_joint_bars({"one": BARS}, tmp_path / "bars.png", dog, title="PCK of dogs")
    (axes,) = figures[0].axes
    assert row_names(axes) == ["left paw", "right paw", "nose"]
    assert [bar.get_width() for bar in axes.patches] == [60, 70, 90]
    middles = [bar.get_y() + bar.get_height() / 2 for bar in axes.patches]
    np.testing.assert_allclose(middles, axes.get_yticks())
    assert axes.yaxis_inverted()
    assert [text.get_text() for text in axes.texts] == ["60.0", "70.0", "90.0"]
    assert axes.get_xlim() == (0, 100)
    assert figures[0].get_suptitle() == "PCK of dogs"


def test_whiskers_are_the_intervals_where_there_are_any(dog, figures, tmp_path):
    plot_joint_bars({"one": BARS}, tmp_path / "bars.png", dog)
    whiskers = [line.get_xdata() for line in figures[0].axes[0].lines]
    np.testing.assert_array_equal(whiskers, [[66, 73], [88, 93]])


def test_the_second_model_is_paler_in_the_same_hues(dog, figures, tmp_path):
    other = dict.fromkeys(BARS, (50.0, 45.0, 55.0))
    plot_joint_bars({"one": BARS, "two": other}, tmp_path / "bars.png", dog)
    (axes,) = figures[0].axes
    first, second = axes.patches[:3], axes.patches[3:]
    for a, b, side in zip(first, second, (LEFT, RIGHT), strict=False):
        strong, pale = (1 - np.array(bar.get_facecolor()[:3]) for bar in (a, b))
        assert strong.sum() > 1.5 * pale.sum()
        for part in (strong, pale):  # a mixture of the side's colour and white
            np.testing.assert_allclose(
                part / part.max(), (1 - np.array(to_rgb(side))) / max(1 - np.array(to_rgb(side)))
            )
        assert a.get_y() < b.get_y()
    labels = [text.get_text() for text in figures[0].legends[0].texts]
    assert labels == ["one", "two", "95 % interval"]


def test_a_joint_without_a_number_says_so(dog, figures, tmp_path):
    bars = {"nose": (NAN, NAN, NAN), "left_paw": (12.0, 11.0, 20.0)}
    plot_joint_bars({"one": bars}, tmp_path / "bars.png", dog, full_scale=None)
    (axes,) = figures[0].axes
    assert [text.get_text() for text in axes.texts] == ["12.0", "no number"]
    assert axes.get_xlim() == pytest.approx((0, 21))


def test_two_drawings_are_the_same_bytes(dog, tmp_path):
    for name in ("a.png", "b.png"):
        plot_joint_bars({"one": BARS}, tmp_path / name, dog)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "0 models make no picture of bars"),
        ({"a": {}}, "without joints has no bars"),
        ({"a": {"wing": (1.0, 0.0, 2.0)}}, "wing are no keypoints of skeleton 'dog'"),
        ({"a": BARS, "b": {"nose": (1.0, 0.0, 2.0)}}, "numbers of the same keypoints"),
    ],
)
def test_what_is_no_set_of_bars_is_refused(dog, tmp_path, models, message):
    with pytest.raises(ValueError, match=message):
        plot_joint_bars(models, tmp_path / "bars.png", dog)
    assert not list(tmp_path.iterdir())
