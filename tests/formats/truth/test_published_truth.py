import h5py
import numpy as np
import pytest
from scipy.io import loadmat

from poseforge.datasets import LSP
from poseforge.formats.truth import read_truth
from poseforge.structures.boxes import box_of_points


@pytest.mark.parametrize(
    ("labels", "words"), [("PC", "person-centric"), ("OC", "observer-centric")]
)
def test_lsp_is_the_test_half_called_as_the_data_set_calls_it(golden, data_root, labels, words):
    truth = read_truth(golden / f"lsp-joints-{labels}.mat")
    people = truth.people
    theirs = LSP("test", data_root=data_root).people
    assert people.ids.tolist() == theirs.ids.tolist()
    joints = loadmat(golden / f"lsp-joints-{labels}.mat")["joints"]
    np.testing.assert_allclose(people.keypoints[-1], joints[:2, :, -1].T - 1, rtol=1e-6)
    np.testing.assert_array_equal(people.boxes, box_of_points(people.keypoints, people.visible))
    assert truth.skeleton.name == "lsp14"
    assert truth.protocol == f"Leeds Sports Pose test half, {words} labels"
    assert (people.visible == 1).sum() == (theirs.visible == 1).sum() == 1054
    if labels == "PC":  # the same poses at another scale, cropped elsewhere
        np.testing.assert_array_equal(people.visible, theirs.visible)
        ours, others = (
            points - points.mean(axis=1, keepdims=True)
            for points in (people.keypoints, theirs.keypoints)
        )
        ratios = np.linalg.norm(ours, axis=(1, 2)) / np.linalg.norm(others, axis=(1, 2))
        np.testing.assert_allclose(ours, others * ratios[:, None, None], atol=0.3)


def test_the_data_set_s_own_file_says_nothing_of_its_labels(data_root):
    truth = read_truth(data_root / "lsp" / "joints.mat")
    assert truth.protocol == "Leeds Sports Pose test half, labels of joints.mat"


def test_flic_keeps_left_on_the_right_of_the_picture(golden):
    truth = read_truth(golden / "flic-joints-test-oc.mat")
    people, names = truth.people, truth.skeleton.keypoints
    assert people.keypoints.shape == (1016, 9, 2)
    place = dict(zip(names, np.moveaxis(people.keypoints, 1, 0), strict=True))
    assert (place["left_shoulder"][:, 0] >= place["right_shoulder"][:, 0]).all()
    heights = [
        np.median(place[name][:, 1]) for name in ("head", "left_shoulder", "left_elbow", "left_hip")
    ]
    assert heights == sorted(heights)
    neck = loadmat(golden / "flic-joints-test-oc.mat")["joints"][:, 1].T - 1
    middle = (place["left_shoulder"] + place["right_shoulder"]) / 2
    np.testing.assert_allclose(middle, neck, atol=1e-3)
    assert people.ids[[0, -1]].tolist() == ["flic_test/0001", "flic_test/1016"]
    assert truth.skeleton.sigmas == ()


def test_both_mpii_files_hold_the_same_people_in_the_same_order(golden):
    images = read_truth(golden / "mpii_valid.h5").people
    scored = read_truth(golden / "mpii_valid_headboxes_tompson.mat").people
    assert len(images) == len(scored) == 2958
    np.testing.assert_array_equal(images.visible > 0, scored.visible > 0)
    apart = np.abs(images.keypoints - scored.keypoints).max(axis=-1)
    allowed = np.full(16, 1e-3)
    allowed[8:10] = 1  # neck and head top are cut to whole pixels
    assert ((apart > allowed) & (images.visible > 0)).sum() == 13
    np.testing.assert_allclose(images.head_sizes, scored.head_sizes, atol=1e-4)
    for people in (images, scored):
        assert (people.keypoints[people.visible == 0] == 0).all()
        assert np.isfinite(people.boxes).all()
        assert len(set(people.ids.tolist())) == len(people)
    assert len(np.unique(images.image_ids)) == 2729


def test_mpii_flags_tell_seen_from_hidden(golden):
    truth = read_truth(golden / "mpii_valid.h5")
    with h5py.File(golden / "mpii_valid.h5") as file:
        flags, part = file["visible"][()], file["part"][()]
    seen, labelled = truth.people.visible == 2, truth.people.visible > 0
    np.testing.assert_array_equal(seen, flags == 1)
    assert (seen & ~labelled).sum() == 0
    assert 0.2 < (truth.people.visible == 1).mean() < 0.25
    np.testing.assert_array_equal(truth.people.keypoints[labelled], (part - 1)[labelled])


def test_mpii_people_are_numbered_within_their_image_in_file_order(golden):
    people = read_truth(golden / "mpii_valid.h5").people
    for number, (name, image) in enumerate(zip(people.ids, people.image_ids, strict=True)):
        before = (people.image_ids[:number] == image).sum()
        assert name == f"mpii/{image}/{before}"
    assert people.image_ids[0] == "005808361.jpg"
