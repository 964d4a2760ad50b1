"""Numbers of published predictions under the official protocols, from the published files.

Truth: the LSP evaluation's own labels. Predictions: Wei et al., "Convolutional Pose Machines",
CVPR 2016, trained on LSP and its extension.
"""

import numpy as np
import pytest
from scipy.io import loadmat

from poseforge.evaluation import PCK, mean_pose, paste
from poseforge.structures.boxes import box_of_points


@pytest.fixture
def labels(golden, as_people):
    def load(kind):
        joints = loadmat(golden / f"lsp-joints-{kind}.mat")["joints"]
        return as_people(joints[:2].transpose(2, 1, 0))

    return load


@pytest.fixture
def predicted(golden):
    return loadmat(golden / "cpm_lsp.mat")["prediction_all"].transpose(2, 0, 1)


TEST_HALF = slice(1000, None)
CONFIDENT = np.ones((1000, 14))


def test_person_centric(labels, predicted, lsp14):
    report = PCK()(predicted, CONFIDENT, labels("PC")[TEST_HALF], lsp14)
    rounded = {name: round(value, 2) for name, value in report.values.items()}
    assert rounded == {"PCK@0.2": 84.32, "PCK@0.1": 71.16, "AUC": 59.29}
    assert {title: round(value, 2) for title, value in report.columns.items()} == {
        "Head": 96.85, "Shoulder": 87.10, "Elbow": 80.40, "Wrist": 75.10, "Hip": 86.50,
        "Knee": 83.15, "Ankle": 81.15, "Mean": 84.32, "@0.1": 71.16, "AUC": 59.29,
    }  # fmt: skip
    assert report.intervals["PCK@0.2"] == pytest.approx((83.06, 85.56), abs=0.15)
    assert report.people == 1000
    assert report.notes == ()


def test_observer_centric(labels, predicted, lsp14):
    report = PCK()(predicted, CONFIDENT, labels("OC")[TEST_HALF], lsp14)
    assert round(report.values["PCK@0.2"], 2) == 69.46


@pytest.mark.parametrize(
    ("reference", "threshold", "expected"), [("box", 0.2, 93.04), ("head", 0.5, 83.86)]
)
def test_other_references(labels, predicted, lsp14, reference, threshold, expected):
    metric = PCK(thresholds=(threshold,), reference=reference)
    report = metric(predicted, CONFIDENT, labels("PC")[TEST_HALF], lsp14)
    assert round(report.values[f"PCK@{threshold:g}"], 2) == expected


def test_mean_pose_of_lsp_is_the_floor(labels, lsp14):
    people = labels("PC")
    test = people[TEST_HALF]
    boxes = box_of_points(test.keypoints, test.visible)
    guessed = paste(mean_pose(people[:1000]), boxes)
    assert round(PCK()(guessed, CONFIDENT, test, lsp14).values["PCK@0.2"], 2) == 20.34


def test_mean_pose_of_lspet_is_lower(data_root, labels, as_people, lsp14):
    joints = loadmat(data_root / "lspet" / "joints.mat")["joints"].transpose(2, 0, 1)
    pose = mean_pose(as_people(joints[..., :2], joints[..., 2] > 0))
    test = labels("PC")[TEST_HALF]
    guessed = paste(pose, box_of_points(test.keypoints, test.visible))
    assert round(PCK()(guessed, CONFIDENT, test, lsp14).values["PCK@0.2"], 1) == 7.9
