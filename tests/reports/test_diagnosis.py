import numpy as np
import pytest

from poseforge.evaluation import EPE, OKSAP, PCK
from poseforge.reports.diagnosis import diagnose
from poseforge.reports.scoring import Truth
from poseforge.structures import SKELETONS, Detections, People, Predictions

COCO = SKELETONS["coco17"]


@pytest.fixture
def truth():
    rng = np.random.default_rng(0)
    corners = np.stack([np.arange(30) % 3 * 400, np.zeros(30)], axis=1)
    points = corners[:, None] + rng.uniform(0, 200, size=(30, 17, 2))
    people = People(
        image_paths=np.array([], dtype=str),
        keypoints=points,
        visible=np.full((30, 17), 2.0),
        boxes=np.concatenate([corners, corners + 200], axis=1),
        ids=np.arange(30).astype(str),
        image_ids=(np.arange(30) // 3).astype(str),
        areas=np.full(30, 2e4),
    )
    return Truth("made_up", COCO, people, people, "")


@pytest.fixture
def inverted(truth):
    """The truth, with left and right exchanged for a third of the people."""
    keypoints = truth.people.keypoints.copy()
    keypoints[::3] = keypoints[::3][:, COCO.flip_indices]
    return keypoints


def of_people(truth, keypoints):
    return Predictions(truth.people.ids, keypoints, np.ones(keypoints.shape[:2]))


def of_images(truth, keypoints):
    scores = np.linspace(1, 0.5, len(keypoints))
    return Detections(truth.people.image_ids, keypoints, np.ones(keypoints.shape[:2]), scores)


def test_mending_the_only_kind_of_error_gives_100(truth, inverted):
    found = diagnose(of_people(truth, inverted), truth, [OKSAP()]).findings
    assert found.metric == "AP"
    assert found.kinds["inversion"].joints > 100
    assert found.score < 90
    assert found.score + found.kinds["inversion"].gain == pytest.approx(
        100 - found.kinds["jitter"].gain, abs=3
    )
    assert found.joints["nose"]["good"].percent == 100
    assert found.either_side == pytest.approx(100)


def test_detections_are_mended_where_they_are(truth):
    keypoints = truth.people.keypoints.copy()
    arms = COCO.indices(("left_elbow", "right_elbow", "left_wrist", "right_wrist"))
    keypoints[:, arms] = keypoints[:, [arms[1], arms[0], arms[3], arms[2]]]
    found = diagnose(of_images(truth, keypoints), truth, [OKSAP()]).findings
    assert found.kinds["inversion"].joints > 80
    assert found.kinds["miss"].joints == 0
    assert found.score < 70
    assert found.score + found.kinds["inversion"].gain > 95


def test_the_score_is_the_metrics_own(truth, inverted):
    predictions = of_people(truth, inverted)
    metric = PCK()
    report = metric(inverted, predictions.scores, truth.people, COCO)
    found = diagnose(predictions, truth, [EPE(), metric]).findings
    assert found.metric == "PCK@0.2"
    assert found.score == pytest.approx(report.values["PCK@0.2"])
    assert found.good == "within 0.2 of torso=left_shoulder-right_hip"
    # Without error of another kind what is not good is what could be gained.
    assert found.kinds["good"].share == pytest.approx(found.score)


def test_a_pose_on_the_neighbour_is_a_swap(truth):
    keypoints = truth.people.keypoints.copy()
    keypoints[0], keypoints[1] = keypoints[1].copy(), keypoints[0].copy()
    found = diagnose(of_people(truth, keypoints), truth, [PCK()]).findings
    assert found.kinds["swap"].joints == 34


def test_without_a_measure_of_near_there_is_no_diagnosis(truth, inverted):
    assert diagnose(of_people(truth, inverted), truth, [EPE()]) is None
