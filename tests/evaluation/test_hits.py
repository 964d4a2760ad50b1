import numpy as np
import pytest

from poseforge.evaluation.hits import HitShares, hit_curve

GRID = np.array([0.0, 0.1, 0.2, 0.5])


def make(distances, images, **options):
    rows = {"all": [0, 1, 2], "last": [2]}
    numbers = {"headline": ("all", np.array([0, 0, 1.0, 0]))}
    return HitShares(distances, images, GRID, rows=rows, numbers=numbers, **options)


@pytest.fixture
def distances():
    rng = np.random.default_rng(1)
    return rng.choice([0, 0.05, 0.1, 0.15, 0.2, 0.4, 0.5, 0.7, np.inf, np.nan], size=(40, 3))


IMAGES = np.repeat(np.arange(10), 4)


def brute_force(distances, columns, threshold):
    """Percent of what is labelled, joint by joint."""
    chosen = [d for row in distances[:, columns] for d in row if not np.isnan(d)]
    return 100 * sum(d <= threshold + 1e-9 for d in chosen) / len(chosen)


def test_weights_of_one_are_the_test_set_itself(distances):
    statistic = make(distances, IMAGES)
    values = dict(zip(statistic.names, statistic(np.ones((1, 10)))[0], strict=True))
    assert values["headline"] == pytest.approx(brute_force(distances, [0, 1, 2], 0.2))
    for threshold in GRID:
        expected = brute_force(distances, [2], threshold)
        assert values[f"last@{threshold:g}"] == pytest.approx(expected)


def test_weights_are_copies_of_images(distances):
    weights = np.random.default_rng(2).integers(0, 4, size=(5, 10))
    drawn = make(distances, IMAGES)(weights.astype(float))
    for row, counts in zip(drawn, weights, strict=True):
        copied = np.repeat(distances, np.repeat(counts, 4), axis=0)
        assert row[0] == pytest.approx(brute_force(copied, [0, 1, 2], 0.2))


def test_macro_is_the_mean_of_the_columns(distances):
    statistic = make(distances, IMAGES, macro=("all",))
    expected = np.mean([brute_force(distances, [column], 0.2) for column in range(3)])
    assert statistic(np.ones((1, 10)))[0, 0] == pytest.approx(expected)


def test_nothing_to_score_is_nan(distances):
    weights = np.zeros((1, 10))
    assert np.isnan(make(distances, IMAGES)(weights)).all()
    assert np.isnan(hit_curve(np.full(3, np.nan), GRID)).all()
