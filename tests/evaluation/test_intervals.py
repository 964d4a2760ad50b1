import numpy as np
import pytest

from poseforge.evaluation import bootstrap_intervals


def test_width_is_the_normal_one_for_many_independent_people():
    rng = np.random.default_rng(3)
    hits = (rng.random((2000, 1)) < 0.7).astype(float)
    low, high = bootstrap_intervals(hits, np.ones(2000), rng, resamples=4000)[0]
    mean = hits.mean()
    half = 1.96 * np.sqrt(mean * (1 - mean) / 2000)
    assert (low, high) == pytest.approx((mean - half, mean + half), abs=0.1 * half)


def test_joints_of_a_person_are_drawn_together():
    rng = np.random.default_rng(3)
    persons = (rng.random(500) < 0.5).astype(float)
    together = bootstrap_intervals(14 * persons[:, None], np.full(500, 14.0), rng)[0]
    alone = bootstrap_intervals(persons[:, None], np.ones(500), rng)[0]
    assert np.ptp(together) == pytest.approx(np.ptp(alone), rel=0.1)


def test_same_generator_same_interval_whatever_else_is_measured():
    hits = np.random.default_rng(0).random((50, 3))
    both = [
        bootstrap_intervals(columns, np.ones(50), np.random.default_rng(5))
        for columns in (hits, hits[:, :1])
    ]
    np.testing.assert_allclose(both[0][:1], both[1])


def test_people_weigh_by_their_count():
    # One person has all the joints that count for anything; the rest add next to nothing.
    hits, counts = np.array([[1e6], [0.0]]), np.array([1e6, 1e-6])
    low, high = bootstrap_intervals(hits, counts, np.random.default_rng(0))[0]
    assert (low, high) == (0, pytest.approx(1))


@pytest.mark.parametrize(("hits", "counts"), [((0, 1), 0), ((3, 1), 2)])
def test_nobody_or_a_mismatch_is_refused(hits, counts):
    with pytest.raises(ValueError, match="give both for the same people"):
        bootstrap_intervals(np.zeros(hits), np.ones(counts), np.random.default_rng(0))
