import pytest

from poseforge.formats.naming import pairs_of_names, skeleton_of_names
from poseforge.structures import SKELETONS


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["nose", "left_eye", "right_eye"], (("left_eye", "right_eye"),)),
        (["right_eye", "left_eye"], (("left_eye", "right_eye"),)),
        (["EyeLeft", "EyeRight"], (("EyeLeft", "EyeRight"),)),
        (["leftear", "rightear", "snout"], (("leftear", "rightear"),)),
        (["L_Eye", "R_Eye", "L_F_Paw", "R_F_Paw"], (("L_Eye", "R_Eye"), ("L_F_Paw", "R_F_Paw"))),
        (["LEye", "REye"], (("LEye", "REye"),)),
        (["eye.l", "eye.r"], (("eye.l", "eye.r"),)),
        (["Left Ankle", "right ankle"], (("Left Ankle", "right ankle"),)),
        (["left_1", "right_1", "left_2"], (("left_1", "right_1"),)),
        (["left_eye", "right_ear"], ()),
        (["heel", "heer", "cleft", "nose"], ()),
        (["1", "2"], ()),
        (["левый", "правый", "鼻"], ()),
    ],
)
def test_pairs_are_read_from_names(names, pairs):
    assert pairs_of_names(names) == pairs


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_the_public_skeletons_name_their_pairs_so_that_they_are_found(name):
    skeleton = SKELETONS[name]
    assert set(pairs_of_names(skeleton.keypoints)) == set(skeleton.pairs)


def test_known_keypoints_are_the_known_skeleton():
    names = SKELETONS["coco17"].keypoints
    assert skeleton_of_names(names, name="x") is SKELETONS["coco17"]
    assert skeleton_of_names(names[::-1], name="x").name == "x"
    assert skeleton_of_names(names, name="x", pairs=()).pairs == ()
