from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation import OKSAP, PCK
from poseforge.reports.scoring import Truth, score
from poseforge.structures import SKELETONS, Detections, People, Predictions

COCO = SKELETONS["coco17"]


@pytest.fixture
def people():
    points = np.random.default_rng(0).uniform(0, 100, size=(6, 17, 2))
    return People(
        image_paths=np.array([], dtype=str),
        keypoints=points,
        visible=np.full((6, 17), 2.0),
        boxes=np.tile([0.0, 0, 100, 100], (6, 1)),
        ids=np.arange(6).astype(str),
        areas=np.full(6, 1e4),
    )


def test_poses_in_a_detectors_boxes_are_scored_against_everyone(people):
    boxes = replace(people, visible=np.zeros((6, 17)), box_scores=np.linspace(1, 0.1, 6))
    truth = Truth("made_up", COCO, boxes, people, "")
    predictions = Predictions(people.ids, people.keypoints, np.ones((6, 17)))
    (report,) = score(predictions, truth, [OKSAP()])
    assert report.values["AP"] == pytest.approx(100)
    with pytest.raises(ValueError, match="PCK needs to know whose pose each prediction is"):
        score(predictions, truth, [PCK()])


def test_detections_are_not_scored_person_by_person(people):
    truth = Truth("made_up", COCO, people, people, "")
    found = Detections(people.ids, people.keypoints, np.ones((6, 17)), np.ones(6))
    assert score(found, truth, [OKSAP()])[0].values["AP"] == pytest.approx(100)
    with pytest.raises(ValueError, match="score them with OKSAP"):
        score(found, truth, [PCK()])
