import numpy as np
import pytest

from poseforge.structures import SKELETONS, Skeleton, as_skeleton

FIELDS = dict(name="fly", keypoints=("head", "left_wing", "right_wing"))


def test_flip_indices_swap_the_pairs():
    fly = Skeleton(**FIELDS, pairs=(("left_wing", "right_wing"),), links=(("head", "left_wing"),))
    np.testing.assert_array_equal(fly.flip_indices, [0, 2, 1])
    assert fly.link_indices == [(0, 1)]
    assert fly.num_keypoints == 3


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (dict(pairs=(("left_wing", "right_wng"),)), "'right_wng'"),
        (dict(links=(("head", "tail"),)), "'tail'"),
        (dict(upper_body=("beak",)), "'beak'"),
        (dict(torso=("head", "sting")), "'sting'"),
        (dict(groups={"Wings": ("wing",)}), "'wing'"),
        (dict(pairs=(("head", "left_wing"), ("head", "right_wing"))), "two pairs"),
        (dict(pairs=(("head", "head"),)), "two pairs"),
        (dict(sigmas=(0.1,)), "1 sigmas for 3"),
        (dict(keypoints=("head", "head")), "twice"),
    ],
)
def test_errors_name_what_is_wrong(extra, message):
    with pytest.raises(ValueError, match=message):
        Skeleton(**{**FIELDS, **extra})


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_flip_is_an_involution_that_swaps_left_and_right(skeleton):
    order = skeleton.flip_indices
    np.testing.assert_array_equal(order[order], np.arange(skeleton.num_keypoints))
    for row, name in enumerate(skeleton.keypoints):
        swapped = name.replace("left_", "L").replace("right_", "left_").replace("L", "right_")
        assert skeleton.keypoints[order[row]] == swapped


def test_lsp_flip_is_the_published_table():
    expected = [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13]
    np.testing.assert_array_equal(SKELETONS["lsp14"].flip_indices, expected)


def test_as_skeleton_takes_names_fields_and_objects():
    lsp = SKELETONS["lsp14"]
    assert as_skeleton("lsp14") is lsp
    assert as_skeleton(lsp) is lsp
    fly = as_skeleton({**FIELDS, "pairs": [["left_wing", "right_wing"]]})
    assert fly.pairs == (("left_wing", "right_wing"),)
    with pytest.raises(ValueError, match="'lsp15' is not known; choose one of lsp14"):
        as_skeleton("lsp15")
