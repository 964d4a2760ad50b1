import numpy as np
import pytest

from poseforge.transforms import CutOut


@pytest.mark.parametrize("fill", ["noise", "mean"])
def test_one_rectangle_of_the_asked_size_is_covered(sample, fill):
    sample["image"] = np.zeros((110, 150, 3), np.uint8)
    sample["image"][:, ::2] = 255  # columns of black and white, so that covering shows
    for seed in range(20):
        changed = CutOut(1.0, 1, (0.2, 0.4), fill)(sample, np.random.default_rng(seed))["image"]
        rows, columns = np.nonzero((changed != sample["image"]).any(axis=2))
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert 0.2 * 110 - 1 <= height <= 0.4 * 110 + 1
        assert 0.2 * 110 - 1 <= width <= 0.4 * 110 + 1
        assert len(rows) > 0.97 * height * width


def test_mean_fill_is_the_mean_colour(sample, rng):
    sample["image"][:] = (10, 20, 30)
    sample["image"][:55] = (20, 40, 60)
    changed = CutOut(1.0, 3, fill="mean")(sample, rng)["image"]
    covered = changed[(changed != sample["image"]).any(axis=2)]
    np.testing.assert_array_equal(np.unique(covered, axis=0), [[15, 30, 45]])


def test_keypoints_stay_labelled(sample, rng):
    changed = CutOut(1.0, 5, (0.9, 1.0))(sample, rng)
    assert changed["visible"] is sample["visible"]
    assert changed["keypoints"] is sample["keypoints"]


def test_probability(sample):
    changed = [CutOut(0.5)(sample, np.random.default_rng(s)) is not sample for s in range(400)]
    assert 0.42 < np.mean(changed) < 0.58


def test_tiny_pictures_are_covered_too(sample, rng):
    sample["image"] = np.zeros((1, 2, 3), np.uint8)
    assert CutOut(1.0, 2, (0.1, 1.0))(sample, rng)["image"].shape == (1, 2, 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CutOut(fill="black"),
        lambda: CutOut(max_count=0),
        lambda: CutOut(part=(0.5, 1.5)),
        lambda: CutOut(7),
    ],
)
def test_wrong_arguments_are_refused(make):
    with pytest.raises(ValueError, match=r"give|choose one of noise, mean"):
        make()
