"""Against poses whose sides were exchanged, or whose points were scrambled, on purpose."""

import json

import numpy as np
import pytest

from poseforge.datasets import SyntheticPeople
from poseforge.evaluation.disagreement import Trust, judge
from poseforge.structures import SKELETONS, People, Predictions, Skeleton

LSP = SKELETONS["lsp14"]
NOISE = 0.05  # of the torso


@pytest.fixture(scope="module")
def everyone() -> People:
    return SyntheticPeople(num_people=200, seed=5).people


def teacher_of(people: People, score: float = 0.8) -> Predictions:
    """Return the truth with a little noise."""
    torsos = np.linalg.norm(people.keypoints[:, 9] - people.keypoints[:, 2], axis=-1)
    noise = np.random.default_rng(0).normal(size=people.keypoints.shape)
    points = people.keypoints + NOISE * torsos[:, None, None] * noise
    scores = np.full(people.visible.shape, score)
    return Predictions(people.ids, points.astype(np.float32), scores)


def relabelled(people: People, keypoints, visible=None) -> People:
    visible = people.visible if visible is None else visible
    return People(people.image_paths, keypoints, visible, people.boxes, people.ids)


def mirrored(people: People) -> People:
    return people.relabelled(LSP.flip_indices)


def test_the_exchanged_are_found_and_nobody_else(everyone):
    planted = np.random.default_rng(1).random(len(everyone)) < 0.3
    points = np.where(planted[:, None, None], mirrored(everyone).keypoints, everyone.keypoints)
    found = judge(teacher_of(everyone), relabelled(everyone, points), LSP, Trust())
    assert not (found.verdicts[~planted] != "keep").any()
    # The others are seen from the side, where few pairs can tell left from right.
    assert (found.verdicts[planted] == "mirror").mean() > 0.9


def test_the_numbers_are_those_of_the_definition(everyone):
    people, teacher, trust = mirrored(everyone), teacher_of(everyone), Trust()
    found = judge(teacher, people, LSP, trust)
    for row in range(20):
        name = {n: people.keypoints[row, i] for i, n in enumerate(LSP.keypoints)}
        said = {n: teacher.keypoints[row, i] for i, n in enumerate(LSP.keypoints)}
        torso = max(
            np.hypot(*(points[f"{a}_shoulder"] - points[f"{b}_hip"]))
            for points in (name, said)
            for a, b in (("left", "right"), ("right", "left"))
        )
        gaps = []
        for left, right in LSP.pairs:
            if np.hypot(*(name[left] - name[right])) > 0.2 * torso:
                own = [np.hypot(*(name[side] - said[side])) for side in (left, right)]
                other = [np.hypot(*(name[a] - said[b])) for a, b in ((left, right), (right, left))]
                gaps.append((np.mean(own) / torso, np.mean(other) / torso))
        assert found.pairs[row] == len(gaps)
        if gaps:
            own, other = np.transpose(gaps)
            assert found.as_labelled[row] == pytest.approx(own.mean(), rel=1e-5)
            assert found.mirrored[row] == pytest.approx(other.mean(), rel=1e-5)
            assert found.agreeing[row] == (other < own).sum()


def test_an_unsure_teacher_and_few_pairs_change_nothing(everyone):
    unsure = judge(teacher_of(everyone, score=0.2), mirrored(everyone), LSP, Trust())
    assert set(unsure.verdicts) == {"keep"}
    visible = everyone.visible.copy()
    visible[:, 4:] = 0  # ankles, knees, hips: no more than two pairs with a label at both ends
    few = relabelled(everyone, everyone.keypoints[:, LSP.flip_indices], visible)
    judged = judge(teacher_of(everyone), few, LSP, Trust())
    assert judged.pairs.max() <= 2
    assert "mirror" not in judged.verdicts


def test_exchanged_arms_are_not_a_mirrored_person(everyone):
    points = everyone.keypoints.copy()
    arms = [
        LSP.index(f"{s}_{j}") for s in ("left", "right") for j in ("wrist", "elbow", "shoulder")
    ]
    points[:, arms] = points[:, LSP.flip_indices[arms]]
    found = judge(teacher_of(everyone), relabelled(everyone, points), LSP, Trust())
    assert "mirror" not in found.verdicts


def test_labels_of_somebody_else_are_dropped_and_one_wild_point_is_not(everyone):
    away = everyone.keypoints + 500  # of pictures of 160
    found = judge(teacher_of(everyone), relabelled(everyone, away), LSP, Trust())
    assert set(found.verdicts) == {"drop"}
    one = everyone.keypoints.copy()
    one[:, 0] = 1000
    found = judge(teacher_of(everyone), relabelled(everyone, one), LSP, Trust())
    assert "drop" not in found.verdicts


def test_people_without_labels_are_kept_and_written_as_json(everyone):
    nobody = relabelled(everyone, everyone.keypoints, np.zeros_like(everyone.visible))
    assert set(judge(teacher_of(everyone), nobody, LSP, Trust()).verdicts) == {"keep"}
    found = judge(teacher_of(everyone), mirrored(everyone), LSP, Trust())
    written = json.loads(json.dumps(found.corrections(everyone.ids), allow_nan=False))
    rows = found.clearest("mirror")
    assert set(written) == set(everyone.ids[rows].tolist())
    gaps = [written[who]["as_labelled"] - written[who]["mirrored"] for who in everyone.ids[rows]]
    assert (np.diff(gaps) < 0.0021).all()  # each is the difference of two rounded numbers


def test_what_cannot_be_judged_is_refused(everyone):
    with pytest.raises(ValueError, match="an agreement up to 1"):
        Trust(agreement=1.2)
    with pytest.raises(ValueError, match="numbers above 0"):
        Trust(near=0)
    blob = Skeleton("blob", LSP.keypoints)
    with pytest.raises(ValueError, match="'blob' has no left and right; add its `pairs`"):
        judge(teacher_of(everyone), everyone, blob, Trust())
    torsoless = Skeleton("blob", LSP.keypoints, pairs=LSP.pairs)
    with pytest.raises(ValueError, match="no torso to measure by"):
        judge(teacher_of(everyone), everyone, torsoless, Trust())
