"""Published predictions and truths, read and joined, give the published numbers.

The formulas are written out here, apart from PoseForge's metrics.
"""

from typing import NamedTuple

import numpy as np
import pytest

from poseforge.evaluation.joining import check_scale, join
from poseforge.formats.predictions import read_predictions
from poseforge.formats.truth import read_truth


class Read(NamedTuple):
    errors: np.ndarray  # (N, K) px
    truth: object


@pytest.fixture
def read(golden):
    def load(predictions, truth):
        known = read_truth(golden / truth)
        path = golden / predictions
        found = read_predictions(path, skeleton=known.skeleton, ids=known.people.ids)
        shuffled = np.random.default_rng(0).permutation(len(known.people))
        people = known.people[shuffled]
        joined = join(found, people)
        check_scale(joined, people)
        assert (joined.scores == 1).all()
        back = np.argsort(shuffled)
        errors = np.linalg.norm(joined.keypoints[back] - known.people.keypoints, axis=-1)
        return Read(errors, known)

    return load


def torso(truth):
    rows = truth.skeleton.indices(truth.skeleton.torso)
    left_shoulder, right_hip = np.moveaxis(truth.people.keypoints[:, rows], 1, 0)
    return np.linalg.norm(left_shoulder - right_hip, axis=-1)


def percent(hits):
    return round(100 * float(np.mean(hits)), 2)


@pytest.mark.parametrize(
    ("labels", "threshold", "expected"),
    [("PC", 0.2, 84.32), ("PC", 0.1, 71.16), ("OC", 0.2, 69.46)],
)
def test_cpm_on_lsp(read, labels, threshold, expected):
    errors, truth = read("cpm_lsp.mat", f"lsp-joints-{labels}.mat")
    assert percent(errors <= threshold * torso(truth)[:, None]) == expected
    assert truth.skeleton.torso == ("left_shoulder", "right_hip")


def test_cpm_on_flic(read):
    errors, truth = read("cpm_flic.mat", "flic-joints-test-oc.mat")
    hits = errors <= 0.2 * torso(truth)[:, None]
    for joint, expected in [("shoulder", 99.31), ("elbow", 97.59), ("wrist", 95.03)]:
        both = truth.skeleton.indices((f"left_{joint}", f"right_{joint}"))
        assert percent(hits[:, both]) == expected
    assert percent(hits) == 96.24
    assert np.median(errors, axis=0).max() < 0.15 * np.median(torso(truth)), "every row fits"


@pytest.mark.parametrize(
    ("predictions", "micro", "macro"),
    [
        ("mpii_valid_headboxes_tompson.mat", 82.34, 81.46),
        ("tompson_mpii_valid.h5", 82.34, 81.46),
        ("newell_mpii_valid.h5", 88.43, 87.98),
    ],
)
def test_pckh_on_the_mpii_validation_split(read, predictions, micro, macro):
    errors, truth = read(predictions, "mpii_valid_headboxes_tompson.mat")
    counted = truth.people.visible > 0
    counted[:, truth.skeleton.indices(("pelvis", "thorax"))] = False
    hits = errors <= 0.5 * truth.people.head_sizes[:, None]
    assert percent(hits[counted]) == micro
    joints = [hits[labelled, row] for row, labelled in enumerate(counted.T) if labelled.any()]
    assert len(joints) == 14
    assert percent([np.mean(joint) for joint in joints]) == macro


def test_hourglass_against_its_own_file(read):
    errors, truth = read("newell_mpii_valid.h5", "mpii_valid.h5")
    counted = truth.people.visible > 0
    counted[:, 6:8] = False
    assert percent((errors <= 0.5 * truth.people.head_sizes[:, None])[counted]) == 88.43
