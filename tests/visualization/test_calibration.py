import itertools

import numpy as np
import pytest
from scipy.stats import binomtest

from poseforge.visualization.calibration import calibration, wilson_interval


@pytest.fixture
def joints():
    rng = np.random.default_rng(0)
    confidence = rng.random((123, 14))
    return confidence, rng.random(confidence.shape) < confidence**2


def brute_force(confidence, correct, bins):
    """Expected calibration error with distinct confidences, one bin after the other."""
    pairs = sorted(zip(confidence.ravel(), correct.ravel(), strict=True))
    cuts = [number * len(pairs) // bins for number in range(bins + 1)]
    error = 0.0
    for start, end in itertools.pairwise(cuts):
        part = pairs[start:end]
        gap = sum(right for _, right in part) - sum(sure for sure, _ in part)
        error += abs(gap) / len(pairs)
    return error


@pytest.mark.parametrize("bins", [1, 7, 10])
def test_error_is_that_of_a_loop_over_the_bins(joints, bins):
    result = calibration(*joints, bins=bins)
    assert result.error == pytest.approx(brute_force(*joints, bins))
    assert result.counts.sum() == joints[0].size
    assert np.ptp(result.counts) <= 1


def test_error_of_a_known_law():
    # With a hit rate of c² and c uniform, the error tends to the mean of c - c².
    confidence = np.linspace(0, 1, 10**5)
    correct = np.random.default_rng(0).random(10**5) < confidence**2
    assert calibration(confidence, correct, bins=50).error == pytest.approx(1 / 6, abs=0.005)
    assert calibration(np.ones(9), np.ones(9, dtype=bool)).error == 0
    assert calibration(np.ones(9), np.zeros(9, dtype=bool)).error == 1


def test_equal_confidences_share_a_bin_in_whatever_order_they_come():
    confidence = np.array([0.2] * 5 + [0.6] * 4 + [0.9])
    correct = np.array([1, 0, 0, 0, 0, 1, 1, 0, 0, 1], dtype=bool)
    result = calibration(confidence, correct, bins=5)
    # Even cuts lie before rows 0, 2, 4, 6 and 8; the ones inside a run move to its begin.
    assert result.counts.tolist() == [5, 5]
    assert result.edges.tolist() == [0.2, 0.6, 0.9]
    order = np.random.default_rng(0).permutation(10)
    shuffled = calibration(confidence[order], correct[order], bins=5)
    np.testing.assert_array_equal(shuffled.hit_rate, result.hit_rate)


@pytest.mark.parametrize("outside", [1.01, -0.01])
def test_scores_that_are_no_probabilities_have_no_error(joints, outside):
    confidence = joints[0].copy()
    confidence[0, 0] = outside
    result = calibration(confidence, joints[1])
    assert result.error is None
    assert outside in result.edges


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (10, 10), (3, 10), (250, 1000), (1, 1)])
def test_wilson_interval_is_scipys(hits, count):
    low, high = wilson_interval(np.array([hits]), np.array([count]))
    expected = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= low[0] <= hits / count <= high[0] <= 1


def test_wilson_interval_of_no_hit_in_its_closed_form():
    z = 1.959963984540054
    _, high = wilson_interval(np.array([0.0]), np.array([20]))
    assert high[0] == pytest.approx(z**2 / (20 + z**2))


@pytest.mark.parametrize(
    ("confidence", "correct", "bins", "message"),
    [
        (np.ones(3), np.ones(4, dtype=bool), 10, "for the same joints"),
        (np.ones(0), np.ones(0, dtype=bool), 10, "one at least"),
        (np.array([1, np.nan]), np.ones(2, dtype=bool), 10, "1 of 2 confidences are not finite"),
        (np.ones(2), np.ones(2, dtype=bool), 0, "bins=0 divide nothing; give 1 or more"),
    ],
)
def test_bad_input_is_refused(confidence, correct, bins, message):
    with pytest.raises(ValueError, match=message):
        calibration(confidence, correct, bins=bins)
