import numpy as np
import pytest

from poseforge.evaluation.oks import oks
from poseforge.evaluation.sigmas import estimate_sigmas, sigmas_from_noise
from poseforge.structures import Skeleton

FISH = Skeleton("fish", ("mouth", "fin", "tail"))
SIGMAS = np.array([0.02, 0.05, 0.1])


def simulated(annotators, people, *, seed=0):
    """Labels that scatter as COCO's definition says: the mean of d² is (sigma s)²."""
    rng = np.random.default_rng(seed)
    areas = rng.uniform(500, 50000, people)
    truth = rng.uniform(0, 500, (people, 3, 2))
    spread = SIGMAS * np.sqrt(areas)[:, None] / np.sqrt(2)  # of each axis
    labels = truth + spread[..., None] * rng.normal(size=(annotators, people, 3, 2))
    return labels, np.full(labels.shape[:3], 2.0), areas, truth


@pytest.mark.parametrize("annotators", [2, 3, 8])
def test_known_sigmas_are_recovered(annotators):
    labels, visible, areas, _ = simulated(annotators, 4000)
    found = estimate_sigmas(labels, visible, areas, np.arange(4000), FISH)
    np.testing.assert_allclose(found.sigmas, SIGMAS, rtol=0.03)
    assert found.people.tolist() == [4000] * 3


def test_joints_with_different_numbers_of_labels():
    labels, visible, areas, _ = simulated(5, 6000)
    visible[np.random.default_rng(1).random(visible.shape) < 0.5] = 0
    labels[visible == 0] = np.nan
    found = estimate_sigmas(labels, visible, areas, np.arange(6000), FISH)
    np.testing.assert_allclose(found.sigmas, SIGMAS, rtol=0.03)
    assert (found.people == ((visible > 0).sum(axis=0) >= 2).sum(axis=0)).all()


def test_intervals_cover_the_sigmas():
    covered = []
    for seed in range(100):
        labels, visible, areas, _ = simulated(2, 60, seed=seed)
        found = estimate_sigmas(labels, visible, areas, np.arange(60), FISH)
        low, high = found.intervals.T
        covered.append((low < SIGMAS) & (high > SIGMAS))
    assert 0.88 < np.mean(covered) < 0.99


def test_two_labels_by_hand():
    labels = np.array([[[(0, 0), (0, 0), (0, 0)]], [[(6, 8), (0, 2), (1, 0)]]], dtype=float)
    found = estimate_sigmas(labels, np.ones((2, 1, 3)), np.array([100.0]), np.array([0]), FISH)
    # Each label is half the distance from the mean: 2 (d / 2)² / (2 - 1) / area.
    np.testing.assert_allclose(found.sigmas, np.sqrt(np.array([50, 2, 0.5]) / 100))


def test_oks_of_such_labels_is_what_coco_made_it():
    """exp(-d² / (2 s² (2 sigma)²)) of labels with E d² = sigma² s² has a mean of 1 / (1 + 1/8)."""
    labels, visible, areas, truth = simulated(2, 3000)
    sigmas = estimate_sigmas(labels, visible, areas, np.arange(3000), FISH).sigmas
    rows = range(500)
    found = [
        oks(
            labels[0, row : row + 1],
            truth[row : row + 1],
            np.ones((1, 3)),
            areas[row : row + 1],
            np.zeros((1, 4)),
            sigmas,
        )[0, 0]
        for row in rows
    ]
    assert np.mean(found) == pytest.approx(8 / 9, abs=0.01)


def test_stated_noise():
    np.testing.assert_allclose(sigmas_from_noise(5, np.array([2500.0])), 0.1)
    labels, visible, areas, truth = simulated(2, 20000)
    noise = np.array([2.0, 5.0, 9.0])
    rng = np.random.default_rng(2)
    noisy = truth + noise[:, None] / np.sqrt(2) * rng.normal(size=labels.shape)
    expected = estimate_sigmas(noisy, visible, areas, np.arange(20000), FISH).sigmas
    np.testing.assert_allclose(sigmas_from_noise(noise, areas), expected, rtol=0.03)


def test_bad_input():
    labels, visible, areas, _ = simulated(2, 10)
    rows = np.arange(10)
    hidden = visible.copy()
    hidden[0, :, 1] = 0
    with pytest.raises(ValueError, match="nobody has two labels of fin"):
        estimate_sigmas(labels, hidden, areas, rows, FISH)
    with pytest.raises(ValueError, match="nobody has two labels of mouth, fin, tail"):
        estimate_sigmas(labels[:1], visible[:1], areas, rows, FISH)
    with pytest.raises(ValueError, match="1 of 10 people have no positive area"):
        estimate_sigmas(labels, visible, np.where(rows == 3, np.nan, areas), rows, FISH)
    with pytest.raises(ValueError, match="disagree"):
        estimate_sigmas(labels[:, 1:], visible, areas, rows, FISH)
    with pytest.raises(ValueError, match="give a positive number"):
        sigmas_from_noise(0, areas)
    with pytest.raises(ValueError, match="0 of 0 people"):
        sigmas_from_noise(3, areas[:0])
