import numpy as np
import pytest

from poseforge.evaluation.error_report import report_errors
from poseforge.evaluation.errors import Kind
from poseforge.structures import SKELETONS
from tests.evaluation.coco_scenes import random_people

COCO17 = SKELETONS["coco17"]


@pytest.fixture
def people():
    people = random_people(np.random.default_rng(0), 60, 17)
    return people[(people.visible > 0).any(axis=1) & ~people.crowd]


@pytest.fixture
def kinds(people):
    kinds = np.random.default_rng(1).choice(
        [0, 1, 2, 3, 4], people.visible.shape, p=[0.6, 0.2, 0.1, 0.05, 0.05]
    )
    return np.where(people.visible > 0, kinds, -1).astype(np.int8)


def test_counts_and_shares(people, kinds):
    report = report_errors(kinds, people, COCO17)
    assert report.people == len(people)
    scored = (kinds >= 0).sum()
    for kind, share in report.total.items():
        assert share.count == (kinds == kind).sum()
        assert share.percent == pytest.approx(100 * share.count / scored)
        low, high = share.interval
        assert low < share.percent < high
    wrist = report.joints["left_wrist"]
    column = kinds[:, COCO17.index("left_wrist")]
    for kind, share in wrist.items():
        assert share.count == (column == kind).sum()
        assert share.percent == pytest.approx(100 * share.count / (column >= 0).sum())
    assert list(report.joints) == list(COCO17.keypoints)
    assert sum(share.percent for share in wrist.values()) == pytest.approx(100)


def test_interval_is_that_of_independent_joints(people):
    """With one joint an image the bootstrap must find the binomial standard error."""
    first = people[np.unique(people.image_rows, return_index=True)[1]]
    kinds = np.full((len(first), 17), -1, dtype=np.int8)
    kinds[:, 0] = np.arange(len(first)) % 5 == 0
    low, high = report_errors(kinds, first, COCO17).joints["nose"][Kind.JITTER].interval
    share = (kinds[:, 0] == 1).mean()
    error = 100 * np.sqrt(share * (1 - share) / len(first))
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_a_joint_that_nobody_has_is_nan(people, kinds):
    kinds[:, 3] = -1
    share = report_errors(kinds, people, COCO17).joints["left_ear"][Kind.GOOD]
    assert share.count == 0
    assert np.isnan([share.percent, *share.interval]).all()
