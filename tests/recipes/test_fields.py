from poseforge.codecs import PartFields
from poseforge.recipes.fields import coco_limbs, coco_scenes, scenes, synthetic_scenes

CODEC = dict(input_size=(96, 64))


def test_openposes_limbs_are_a_tree_of_18_parts_and_two_more():
    codec = PartFields((64, 64), 8, 7.0, 8.0, "coco17", links=coco_limbs())
    assert len(codec.parts) == 18
    assert codec.parts[17] == (5, 6)  # the neck
    assert len(set(codec.limbs)) == 19
    reached = {17}
    tree = [limb for limb in codec.limbs if limb not in ((3, 5), (4, 6))]  # ears to shoulders
    for start, end in tree:
        assert start in reached
        assert end not in reached
        reached.add(end)
    assert reached == set(range(18))
    assert {(3, 5), (4, 6)} < set(codec.limbs)


def test_loaders_train_on_images_with_people_and_test_on_all():
    train, val, test = coco_scenes(CODEC, batch_size=3)
    assert train["dataset"]["empty_images"] is False
    assert "empty_images" not in val["dataset"]
    assert [part["dataset"]["dataset"]["split"] for part in (train, val, test)] == [
        "train", "val", "val",
    ]  # fmt: skip
    assert [step["type"] for step in train["transforms"]] == ["RandomCrop", "Flip", "ColorJitter"]
    assert test["transforms"][0] == dict(type="Crop", size=(96, 64), padding=1.0)
    assert train["batch_size"] == 3


def test_generated_people_of_the_three_sets_differ():
    parts = synthetic_scenes(CODEC, people=40, batch_size=2, size=64)
    people = [part["dataset"]["dataset"] for part in parts]
    assert len({each["seed"] for each in people}) == 3
    assert people[0]["num_people"] == 40
    assert all(each["people"] == (1, 4) and each["size"] == 64 for each in people)


def test_parts_of_images_are_seen_at_the_same_scale():
    train, val, _ = scenes(
        CODEC, (dict(), dict(), dict()), skeleton="lsp14", batch_size=1, scale=(0.8, 1.2), part=0.5
    )
    crop = train["transforms"][0]
    assert crop["size"] == (48, 32)
    assert crop["scale"] == (1.6, 2.4)  # what filled 96 pixels fills as many, of which 48 are seen
    assert val["transforms"][0]["size"] == (96, 64)


def test_a_skeleton_of_ones_own_reaches_the_mirror():
    own = dict(name="own", keypoints=("a", "b"))
    train, *_ = scenes(CODEC, (dict(), dict(), dict()), skeleton=own, batch_size=1)
    assert train["transforms"][1]["skeleton"] == own
