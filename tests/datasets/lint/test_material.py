import numpy as np

from poseforge.datasets import LSP, Combined, SyntheticPeople
from poseforge.datasets.lint import choose, count, lint, material_of
from poseforge.structures import Skeleton


def test_everybody_counts_once_however_often_a_data_set_repeats_them(drawn):
    part = drawn(5, paths=True)
    material = material_of(Combined([part], [2.4]), "train")
    assert material.ids.tolist() == part.people.ids.tolist()
    assert material.role == "train"
    assert material.image_names.tolist() == [f"drawn/{n}.jpg" for n in range(5)]


def test_boxes_of_the_points_themselves_are_not_judged(fake_root):
    assert np.isnan(material_of(LSP("val", data_root=fake_root)).boxes).all()
    images = material_of(LSP("val", data_root=fake_root, box="image"))
    assert images.boxes[0].tolist() == [0, 0, 59, 79]


def test_images_are_named_without_the_folder_they_share(fake_root):
    material = material_of(LSP("val", data_root=fake_root))
    assert material.image_names[[0, -1]].tolist() == ["im0901.jpg", "im1000.jpg"]


def test_drawn_images_that_train_and_test_share_leak():
    train = material_of(SyntheticPeople(6, seed=1), "train")
    test = material_of(SyntheticPeople(3, seed=1), "test", name="held out")
    other = material_of(SyntheticPeople(3, seed=2), "val")
    findings = lint([train, test, other], choose(["PF3"]), lambda *_: None)[1]
    assert count(findings) == {"PF303": 3}
    assert {finding.dataset for finding in findings} == {"held out"}


def test_pairs_that_a_skeleton_forgot_are_found():
    skeleton = Skeleton("half", ("left_hip", "right_hip", "neck"))
    material = material_of(SyntheticPeople(3, seed=1, skeleton=skeleton))
    findings = lint([material], choose(["PF4"]), lambda *_: None)[1]
    assert [finding.message for finding in findings] == ["left_hip and right_hip are not a pair"]
