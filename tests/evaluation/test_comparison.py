import numpy as np
import pytest

from poseforge.evaluation.comparison import compare
from poseforge.evaluation.endpoint_error import MeanErrors

IMAGES = 400


def numbers(errors):
    return MeanErrors(errors[:, None], np.arange(len(errors)), {"error": [0]})


def compare_errors(a, b, **options):
    rng = np.random.default_rng(0)
    return compare(numbers(a), numbers(b), rng, names=("error",), **options)[0]


@pytest.fixture
def hard():
    """How hard each image is, the same for both models."""
    return np.random.default_rng(1).gamma(1.0, 20, size=IMAGES)


def test_pairing_finds_what_separate_intervals_cannot(hard):
    noise = np.random.default_rng(2).normal(0, 0.5, size=IMAGES)
    found = compare_errors(hard, hard + 1 + noise, higher_is_better=False)
    assert found.verdict == "A above B"
    half = 1.96 * noise.std() / np.sqrt(IMAGES)
    mean = -1 - noise.mean()
    assert found.interval == pytest.approx((mean - half, mean + half), abs=0.2 * half)
    assert found.difference == pytest.approx(mean)
    alone = 1.96 * hard.std() / np.sqrt(IMAGES)
    assert alone > 1  # an interval for one model is wider than the difference


def test_verdict_follows_the_numbers_direction(hard):
    assert compare_errors(hard, hard + 1).verdict == "B above A"
    assert compare_errors(hard + 1, hard).verdict == "A above B"
    assert compare_errors(hard + 1, hard, higher_is_better=False).verdict == "B above A"


def test_a_model_is_not_distinguishable_from_itself(hard):
    found = compare_errors(hard, hard)
    assert found.verdict == "not distinguishable"
    assert found.interval == (0, 0)


@pytest.mark.slow
def test_equal_models_are_told_apart_in_5_of_100_test_sets():
    rng = np.random.default_rng(3)
    verdicts = [
        compare_errors(*rng.normal(0, 1, size=(2, 100))).verdict == "not distinguishable"
        for _ in range(300)
    ]
    assert 0.91 <= np.mean(verdicts) <= 0.98


@pytest.mark.slow
def test_the_detectable_difference_is_found_in_80_of_100_test_sets():
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, size=(2, 200))
    detectable = compare_errors(a, b).detectable
    assert detectable == pytest.approx(2.802 * np.sqrt(2 / 200), rel=0.15)
    found = []
    for _ in range(300):
        a, b = rng.normal(0, 1, size=(2, 200))
        found.append(compare_errors(a + 2.802 * np.sqrt(2 / 200), b).verdict == "A above B")
    assert 0.74 <= np.mean(found) <= 0.86


def test_other_images_are_refused(hard):
    with pytest.raises(ValueError, match="same images"):
        compare_errors(hard, hard[:-1])
