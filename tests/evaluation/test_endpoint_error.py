import numpy as np
import pytest

from poseforge.evaluation.endpoint_error import EPE, NME


@pytest.fixture
def truth():
    return np.random.default_rng(0).uniform(0, 100, size=(9, 14, 2)).astype(np.float32)


def score(metric, guessed, people, skeleton):
    return metric(guessed, np.ones(guessed.shape[:2]), people, skeleton)


def test_a_shift_is_the_error_of_every_joint(truth, as_people, lsp14):
    report = score(EPE(), truth + np.array([3, 4]), as_people(truth), lsp14)
    assert report.values["EPE px"] == pytest.approx(5, rel=1e-6)
    assert set(report.columns) == {*lsp14.groups, "Mean"}
    assert list(report.joints.values()) == pytest.approx([5.0] * 14, rel=1e-6)
    assert report.intervals["EPE px"] == pytest.approx((5, 5), rel=1e-6)
    assert not report.higher_is_better


def test_normalised_error_equals_a_double_loop(truth, as_people, lsp14):
    rng = np.random.default_rng(1)
    visible = rng.integers(0, 3, size=(9, 14))
    guessed = truth + rng.normal(0, 5, size=truth.shape)
    errors = []
    for person in range(9):
        places = truth[person][visible[person] > 0]
        side = np.sqrt(np.prod(places.max(axis=0) - places.min(axis=0)))
        offsets = (guessed[person] - truth[person])[visible[person] > 0]
        errors += [np.sqrt(x * x + y * y) / side for x, y in offsets]
    report = score(NME(), guessed, as_people(truth, visible), lsp14)
    assert report.values["NME %"] == pytest.approx(100 * np.mean(errors))


def test_what_is_not_predicted_is_left_out_and_counted(truth, as_people, lsp14):
    guessed = truth + np.float32(1)
    guessed[:4, 0] = np.nan
    report = score(EPE(), guessed, as_people(truth), lsp14)
    assert report.values["EPE px"] == pytest.approx(np.sqrt(2), rel=1e-4)
    assert report.notes == ("4 of 126 labelled keypoints left out: they are not predicted",)


def test_nothing_predicted_is_an_error(truth, as_people, lsp14):
    with pytest.raises(ValueError, match="none of 9 people"):
        score(EPE(), np.full_like(truth, np.nan), as_people(truth), lsp14)
