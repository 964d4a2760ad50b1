import cv2
import numpy as np
import pytest

from poseforge.visualization.figures import INK
from poseforge.visualization.joint_groups import LEFT, RIGHT
from poseforge.visualization.metric_curves import plot_metric_curves

THRESHOLDS = np.linspace(0, 0.2, 21)


def curve(slope):
    values = np.minimum(slope * THRESHOLDS, 100)
    return THRESHOLDS, values, values - 2, values + 3


CURVES = {
    "Mean": curve(400),
    "nose": curve(450),
    "left_paw": curve(300),
    "right_paw": curve(350),
}


def drawn(axes):
    """The lines of axes: colour, whether solid, values."""
    return [(line.get_color(), line.get_linestyle(), line.get_ydata()) for line in axes.lines]


def test_the_total_is_large_and_each_pair_has_a_panel(dog, figures, tmp_path):
    plot_metric_curves({"one": CURVES}, tmp_path / "curves.png", dog, title="PCK of dogs")
    large, paws, nose = figures[0].axes
    assert [axes.get_title() for axes in (large, paws, nose)] == ["Mean", "paw", "nose"]
    assert large.bbox.width > 1.5 * paws.bbox.width
    assert figures[0].get_suptitle() == "PCK of dogs"
    expected = {large: [("Mean", INK)], paws: [("left_paw", LEFT), ("right_paw", RIGHT)]}
    for axes, names in expected.items():
        for (colour, dashes, values), (name, own) in zip(drawn(axes), names, strict=True):
            assert (colour, dashes) == (own, "-")
            np.testing.assert_array_equal(values, CURVES[name][1])


def test_bands_lie_between_their_ends(dog, figures, tmp_path):
    plot_metric_curves({"one": CURVES}, tmp_path / "curves.png", dog)
    band = figures[0].axes[0].collections[0].get_paths()[0].vertices
    at_the_end = band[np.isclose(band[:, 0], 0.2), 1]
    assert (at_the_end.min(), at_the_end.max()) == (78, 83)


def test_the_end_of_the_total_is_printed(dog, figures, tmp_path):
    plot_metric_curves({"one": CURVES}, tmp_path / "curves.png", dog)
    (text,) = figures[0].axes[0].texts
    assert text.get_text() == "80.0 at 0.2  (95 %: 78.0 to 83.0)"


@pytest.mark.parametrize(("slope", "below"), [(400, True), (100, False)])
def test_the_text_stands_where_the_curves_leave_room(dog, figures, tmp_path, slope, below):
    plot_metric_curves({"one": {"Mean": curve(slope)}}, tmp_path / "curves.png", dog)
    (text,) = figures[0].axes[0].texts
    assert (text.get_position()[1] < 0.5) == below


def test_the_second_model_is_dashed(dog, figures, tmp_path):
    other = {name: curve(200) for name in CURVES}
    plot_metric_curves({"one": CURVES, "two": other}, tmp_path / "curves.png", dog)
    for axes in figures[0].axes:
        lines = drawn(axes)
        half = len(lines) // 2
        assert [dashes for _, dashes, _ in lines] == ["-"] * half + ["--"] * half
        assert all((values == other["Mean"][1]).all() for *_, values in lines[half:])
    labels = [text.get_text() for text in figures[0].legends[0].texts]
    assert labels == ["one", "two", "left", "right", "95 % interval"]


def test_a_total_alone_is_drawn_and_two_drawings_are_the_same_bytes(dog, tmp_path):
    for name in ("a.png", "b.png"):
        plot_metric_curves({"one": {"Mean": CURVES["Mean"]}}, tmp_path / name, dog)
    assert cv2.imread(str(tmp_path / "a.png")).shape == (540, 900, 3)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "0 models make no picture of curves; give one or two"),
        ({"a": {"nose": curve(1)}}, "have 0 titles that are no keypoint"),
        ({"a": {"Mean": curve(1), "wing": curve(1)}}, "Mean, wing have 2 titles .* exactly one"),
        ({"a": CURVES, "b": {"Mean": curve(1)}}, "curves of the same keypoints"),
        ({"a": {"Mean": (THRESHOLDS, THRESHOLDS[1:], THRESHOLDS, THRESHOLDS)}}, "as many of each"),
        ({"a": {"Mean": (THRESHOLDS[:1],) * 4}}, "two at least"),
    ],
)
def test_what_is_no_set_of_curves_is_refused(dog, tmp_path, models, message):
    with pytest.raises(ValueError, match=message):
        plot_metric_curves(models, tmp_path / "curves.png", dog)
    assert not list(tmp_path.iterdir())
