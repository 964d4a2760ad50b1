import numpy as np
import pytest

from poseforge.visualization.calibration import calibration
from poseforge.visualization.calibration_plot import plot_calibration


@pytest.fixture
def joints():
    rng = np.random.default_rng(0)
    confidence = rng.random(1000)
    return confidence, rng.random(1000) < confidence


def points(axes):
    """The points with whiskers: places, values and the ends of the whiskers."""
    (container,) = axes.containers
    line, _, (bars,) = container
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    return line.get_xdata(), line.get_ydata(), ends


def test_probabilities_are_compared_with_the_diagonal(joints, figures, tmp_path):
    plot_calibration(*joints, tmp_path / "cal.png", correct_means="within 0.2")
    upper, lower = figures[0].axes
    expected = calibration(*joints)
    places, values, ends = points(upper)
    np.testing.assert_allclose(places, expected.confidence)
    np.testing.assert_allclose(values, 100 * expected.hit_rate)
    np.testing.assert_allclose(ends[:, 0], 100 * expected.low)
    np.testing.assert_allclose(ends[:, 1], 100 * expected.high)
    np.testing.assert_array_equal(upper.lines[0].get_xydata(), [[0, 0], [1, 100]])
    assert f"expected calibration error {expected.error:.3f}" in upper.get_title()
    assert upper.get_ylabel() == "joints within 0.2 / %"
    assert upper.get_xlim() == pytest.approx((0, 1))
    assert lower.get_xlim() == pytest.approx((0, 1))
    assert sum(bar.get_height() for bar in lower.patches) == 1000


def test_other_scores_are_plotted_over_their_quantiles(joints, figures, tmp_path):
    confidence, correct = 1.5 * joints[0], joints[1]
    plot_calibration(confidence, correct, tmp_path / "cal.png")
    upper, lower = figures[0].axes
    places, values, _ = points(upper)
    np.testing.assert_allclose(places, np.arange(5, 100, 10))
    deciles = np.array_split(correct[np.argsort(confidence)], 10)
    np.testing.assert_allclose(values, [100 * part.mean() for part in deciles])
    assert "no probabilities" in upper.get_xlabel()
    assert "score quantile" in upper.get_xlabel()
    assert "error" not in upper.get_title()
    assert lower.get_xlim() == pytest.approx((confidence.min(), confidence.max()))


def test_one_confidence_is_drawn_and_two_drawings_are_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        plot_calibration(np.full(4, 0.5), np.array([True, False] * 2), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_nothing_to_plot_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="one at least"):
        plot_calibration(np.ones(0), np.ones(0, dtype=bool), tmp_path / "cal.png")
    assert not list(tmp_path.iterdir())
