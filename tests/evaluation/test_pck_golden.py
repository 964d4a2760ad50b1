"""Numbers of published predictions under the official protocols, from the published files.

Truth: the LSP evaluation's own labels. Predictions: Wei et al., "Convolutional Pose Machines",
CVPR 2016, trained on LSP and its extension.
"""

import h5py
import numpy as np
import pytest
from scipy.io import loadmat

from poseforge.evaluation import PCK, PCP, PCKh, mean_pose, paste
from poseforge.evaluation.errors import best_sides
from poseforge.evaluation.reference import reference_lengths
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


@pytest.fixture
def mpii(golden, as_people):
    """The 2958 people of MPII's validation split with their head boxes, pixels counted from 1."""
    content = loadmat(golden / "mpii_valid_headboxes_tompson.mat")
    corners = content["headboxes_src"]  # (2, 2, N)
    people = as_people(
        content["pos_gt_src"].transpose(2, 0, 1), np.where(content["jnt_missing"].T, 0, 2)
    )
    diagonals = np.linalg.norm(corners[1] - corners[0], axis=0)
    return type(people)(**{**vars(people), "head_sizes": 0.6 * diagonals})


HOURGLASS = {
    "Head": 95.94, "Shoulder": 95.19, "Elbow": 89.14, "Wrist": 84.17, "Hip": 86.97,
    "Knee": 83.20, "Ankle": 80.37,
}  # fmt: skip
TOMPSON = {
    "Head": 95.60, "Shoulder": 92.71, "Elbow": 83.36, "Wrist": 76.74, "Hip": 81.93,
    "Knee": 73.36, "Ankle": 65.45,
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "axes", "columns", "micro", "macro"),
    [
        ("newell_mpii_valid.h5", (0, 1, 2), HOURGLASS, 88.43, 87.98),
        ("tompson_mpii_valid.h5", (2, 1, 0), TOMPSON, 82.34, 81.46),
    ],
)
def test_head_normalised(golden, mpii, mpii16, file, axes, columns, micro, macro):
    with h5py.File(golden / file) as content:
        guessed = content["preds"][:].transpose(axes)
    ones = np.ones(guessed.shape[:2])
    report = PCKh()(guessed, ones, mpii, mpii16)
    assert round(report.values["PCKh@0.5"], 2) == micro
    # The published tables' Head is the head top; the official toolkit's is its mean with the neck.
    printed = {**report.columns, "Head": report.joints["head_top"]}
    assert {title: round(printed[title], 2) for title in columns} == columns
    assert report.people == 2958
    assert round(PCKh(macro=True)(guessed, ones, mpii, mpii16).values["PCKh@0.5"], 2) == macro


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


@pytest.mark.parametrize(("rule", "expected"), [("strict", 81.41), ("loose", 86.16)])
def test_limbs(labels, predicted, lsp14, rule, expected):
    report = PCP(rule)(predicted, CONFIDENT, labels("PC")[TEST_HALF], lsp14)
    assert round(report.values[f"PCP {rule}@0.5"], 2) == expected


def test_kinds_of_limbs(labels, predicted, lsp14):
    report = PCP("strict")(predicted, CONFIDENT, labels("PC")[TEST_HALF], lsp14)
    kinds = {title: report.columns[title] for title in lsp14.limbs}
    assert kinds == pytest.approx(
        {
            "Torso": 96.9, "Upper leg": 85.55, "Lower leg": 81.55, "Upper arm": 78.1,
            "Lower arm": 66.4, "Head": 94.0,
        }, abs=0.005,
    )  # fmt: skip


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


def test_half_of_what_cpm_misses_is_left_for_right(predicted, labels, lsp14):
    """89.72, counted apart from this code: each pair in whichever order has more hits."""
    truth = labels("PC")[TEST_HALF]
    lengths = reference_lengths(truth, lsp14, "torso")
    tolerances = np.repeat(0.2 * lengths[:, None], 14, axis=1)
    best = best_sides(predicted, truth, lsp14, tolerances)
    assert PCK()(best, CONFIDENT, truth, lsp14).values["PCK@0.2"] == pytest.approx(89.72, abs=5e-3)
