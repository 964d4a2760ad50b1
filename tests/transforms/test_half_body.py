import numpy as np
import pytest

from poseforge.structures import SKELETONS, Skeleton
from poseforge.transforms import HalfBody, Read

LSP = SKELETONS["lsp14"]
UPPER = np.array([name in LSP.upper_body for name in LSP.keypoints])


def expected_box(sample, half):
    points = sample["keypoints"][half & (sample["visible"] > 0)]
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def test_box_is_that_of_either_half(sample):
    transform = HalfBody("lsp14", 1.0, 3)
    found = {tuple(transform(sample, np.random.default_rng(s))["box"]) for s in range(20)}
    assert found == {tuple(expected_box(sample, UPPER)), tuple(expected_box(sample, ~UPPER))}


def test_only_the_box_changes(sample, rng):
    changed = HalfBody("lsp14", 1.0)(sample, rng)
    assert all(changed[name] is sample[name] for name in sample if name != "box")


def test_a_half_with_too_few_joints_is_not_chosen(sample):
    sample["visible"][~UPPER] = 0
    for seed in range(10):
        box = HalfBody("lsp14", 1.0, 3)(sample, np.random.default_rng(seed))["box"]
        np.testing.assert_allclose(box, expected_box(sample, UPPER))
    sample["visible"][:] = 0
    assert HalfBody("lsp14", 1.0, 3)(sample, np.random.default_rng(0)) is sample


def test_joints_on_one_spot_give_no_box(sample):
    sample["keypoints"][:] = 50
    assert HalfBody("lsp14", 1.0, 3)(sample, np.random.default_rng(0)) is sample


def test_before_read_the_centre_follows(sample, rng):
    del sample["center"]
    read = Read()(HalfBody("lsp14", 1.0)(sample, rng), rng)
    np.testing.assert_allclose(read["center"], (read["box"][:2] + read["box"][2:]) / 2)


def test_probability(sample):
    transform = HalfBody("lsp14", 0.25)
    changed = [transform(sample, np.random.default_rng(s)) is not sample for s in range(400)]
    assert 0.19 < np.mean(changed) < 0.31


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(skeleton="lsp14", probability=-0.1), "probability"),
        (dict(skeleton="lsp14", min_keypoints=1), "min_keypoints=1"),
        (dict(skeleton=Skeleton("dot", ("a", "b"))), "two halves"),
        (dict(skeleton=Skeleton("dot", ("a", "b"), upper_body=("a", "b"))), "two halves"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        HalfBody(**arguments)
