from dataclasses import replace

import numpy as np
import pytest

from poseforge.datasets import SyntheticPeople
from poseforge.datasets.lint import material_of
from poseforge.datasets.lint.swap_rules import _Neighbours, _shapes, pair_groups, swapped_sides
from poseforge.structures import SKELETONS, Skeleton

LSP = SKELETONS["lsp14"]
GROUPS_OF_LSP = {
    "shoulder", "elbow", "wrist", "hip", "knee", "ankle",
    "elbow wrist", "knee ankle", "shoulder elbow wrist", "hip knee ankle",
}  # fmt: skip


def named(skeleton):
    joints = [left.removeprefix("left_") for left, _ in skeleton.pairs]
    return {" ".join(joints[pair] for pair in group) for group in pair_groups(skeleton)}


def test_groups_are_single_pairs_and_ends_of_the_body():
    assert named(LSP) == GROUPS_OF_LSP
    assert named(SKELETONS["coco17"]) == {
        *GROUPS_OF_LSP - {"shoulder elbow wrist"},
        "eye",
        "ear",
        "eye ear",
    }
    alone = Skeleton("alone", ("l", "r", "m"), pairs=(("l", "r"),))
    assert pair_groups(alone) == []


def test_distance_is_the_residue_of_the_best_rotation_and_scale():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(12, 14, 2)) * 40 + 100
    labelled = rng.random((12, 14)) < 0.9
    poses, known = _shapes(points, labelled)
    neighbours = _Neighbours(poses, known, LSP.flip_indices)
    squares = neighbours._squares(poses, known)
    mirrored = points[:, LSP.flip_indices] * [-1, 1]
    others = np.concatenate([points, mirrored])
    other_labelled = np.concatenate([labelled, labelled[:, LSP.flip_indices]])
    compared = 0
    for i in range(12):
        for j in range(24):
            both = labelled[i] & other_labelled[j]
            if both.sum() < 0.8 * labelled[i].sum():
                assert np.isinf(squares[i, j])
                continue
            z, w = (p @ [1, 1j] for p in (points[i][both], others[j][both]))
            z, w = z - z.mean(), w - w.mean()
            factor = np.linalg.lstsq(w[:, None], z, rcond=None)[0]  # a rotation and a scale
            residue = np.linalg.norm(z - w * factor) ** 2 / np.linalg.norm(z) ** 2
            assert squares[i, j] == pytest.approx(residue, abs=1e-4)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("joints", [("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")])
def test_some_planted_swaps_are_found_and_nobody_else(joints):
    material = material_of(SyntheticPeople(400, seed=5))
    assert list(swapped_sides(material)) == []
    swapped = np.arange(0, 400, 20)
    keypoints, flags = material.keypoints.copy(), material.flags.copy()
    for joint in joints:
        left, right = LSP.indices((f"left_{joint}", f"right_{joint}"))
        for array in (keypoints, flags):
            array[np.ix_(swapped, [left, right])] = array[np.ix_(swapped, [right, left])]
    found = {f.person for f in swapped_sides(replace(material, keypoints=keypoints, flags=flags))}
    assert found <= set(swapped)
    assert len(found) >= 3


def test_few_people_do_not_tell_what_is_usual():
    assert list(swapped_sides(material_of(SyntheticPeople(99, seed=5)))) == []
