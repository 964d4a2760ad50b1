import numpy as np
import pytest

from poseforge.evaluation import PCK
from poseforge.evaluation.base import Statistic
from poseforge.evaluation.intervals import bootstrap, draw_weights, percentile_intervals
from poseforge.structures import SKELETONS


class Ratio(Statistic):
    """Sum over sum, image by image."""

    names = ("ratio",)

    def __init__(self, hits, counts):
        self.hits, self.counts, self.num_images = hits, counts, len(hits)

    def __call__(self, weights):
        with np.errstate(invalid="ignore"):
            return ((weights @ self.hits) / (weights @ self.counts))[:, None]


def interval(hits, counts, seed=0, **options):
    drawn = bootstrap(Ratio(hits, counts), np.random.default_rng(seed), **options)
    return percentile_intervals(drawn)[0]


def test_a_drawn_set_has_as_many_images():
    weights = draw_weights(30, 200, np.random.default_rng(0))
    assert weights.shape == (200, 30)
    assert (weights.sum(axis=1) == 30).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(30), abs=0.35)


def test_width_is_the_normal_one_for_many_independent_images():
    hits = (np.random.default_rng(3).random(2000) < 0.7).astype(float)
    low, high = interval(hits, np.ones(2000), resamples=4000)
    mean = hits.mean()
    half = 1.96 * np.sqrt(mean * (1 - mean) / 2000)
    assert (low, high) == pytest.approx((mean - half, mean + half), abs=0.1 * half)


def test_same_generator_same_interval():
    hits = np.random.default_rng(0).random(50)
    assert interval(hits, np.ones(50), 5).tolist() == interval(hits, np.ones(50), 5).tolist()
    assert interval(hits, np.ones(50), 5).tolist() != interval(hits, np.ones(50), 6).tolist()


def test_images_weigh_by_their_count():
    # One image has all the joints that count for anything; the other adds next to nothing.
    assert interval(np.array([1e6, 0.0]), np.array([1e6, 1e-6])) == pytest.approx((0, 1))


def test_sets_without_anything_to_score_are_left_out():
    assert interval(np.array([1.0, 0, 0]), np.array([1.0, 0, 0])) == pytest.approx((1, 1))
    assert np.isnan(interval(np.zeros(3), np.zeros(3))).all()


def test_people_of_one_image_are_drawn_together(as_people):
    # Four equal people an image: the interval is that of the images, twice as wide as if the
    # people were independent.
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.uniform(0, 100, (300, 14, 2)), 4, axis=0)
    wrong = np.repeat(rng.random(300) < 0.5, 4)
    guessed = truth + 1e6 * wrong[:, None, None]
    people = as_people(truth)
    images = np.repeat(np.arange(300), 4).astype(str)
    grouped = type(people)(**{**vars(people), "image_ids": images})
    widths = []
    for each in (people, grouped):
        report = PCK(reference="box")(guessed, np.ones((1200, 14)), each, SKELETONS["lsp14"])
        widths.append(np.ptp(report.intervals["PCK@0.2"]))
    assert widths[1] / widths[0] == pytest.approx(2, rel=0.15)


@pytest.mark.slow
def test_intervals_hold_the_true_value_in_95_of_100_test_sets(as_people):
    """PCK on simulated test sets whose true PCK is known, with joints that fail together."""
    lsp14 = SKELETONS["lsp14"]
    rng = np.random.default_rng(11)
    people_a_set, sets = 200, 400
    truth = np.zeros((people_a_set, 14, 2))
    truth[:, lsp14.index("right_hip")] = [0, 10]
    people = as_people(truth)
    metric = PCK(thresholds=(0.2,), auc_steps=2)
    held = 0
    for _ in range(sets):
        skill = rng.beta(4, 2, size=(people_a_set, 1))  # of a person; its mean is 2/3
        missed = rng.random((people_a_set, 14)) >= skill
        guessed = truth + 100.0 * missed[..., None]
        report = metric(guessed, np.ones((people_a_set, 14)), people, lsp14)
        low, high = report.intervals["PCK@0.2"]
        held += low <= 100 * 2 / 3 <= high
    assert 0.93 <= held / sets <= 0.97
