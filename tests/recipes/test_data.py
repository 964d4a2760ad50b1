import pytest

from poseforge.recipes import data
from poseforge.structures import as_skeleton

CODEC = {"type": "Coordinates", "input_size": (64, 48)}
OWN = {"name": "fish2", "keypoints": ("nose", "tail")}


def flips(loader):
    return [part["skeleton"] for part in loader["transforms"] if part["type"] == "Flip"]


@pytest.mark.parametrize(
    ("recipe", "kind", "splits", "skeleton"),
    [
        (data.mpii, "MPII", ["train", "valid", "valid"], "mpii16"),
        (data.flic, "FLIC", ["fit", "val", "test"], "flic11"),
        (data.coco, "CocoKeypoints", ["train", "val", "val"], "coco17"),
    ],
)
def test_loaders_of_public_data_sets(recipe, kind, splits, skeleton):
    loaders = recipe(CODEC, batch_size=7, num_workers=3)
    assert [loader["dataset"] for loader in loaders] == [
        {"type": kind, "split": split} for split in splits
    ]
    assert flips(loaders[0]) == [skeleton]
    assert as_skeleton(skeleton)
    assert {(loader["batch_size"], loader["num_workers"]) for loader in loaders} == {(7, 3)}
    assert loaders[1]["transforms"] == loaders[2]["transforms"] == data.crops(CODEC)


def test_detections_are_for_testing_only():
    fit, val, test = data.coco(CODEC, batch_size=2, detections="found.json")
    assert test["dataset"] == {**val["dataset"], "detections": "found.json"}
    assert "detections" not in fit["dataset"]
    assert "detections" not in val["dataset"]


def test_crops_of_data_sets_of_ones_own():
    parts = tuple({"type": "CocoStyle", "annotations": f"{name}.json"} for name in "abc")
    loaders = data.crops_of(CODEC, parts, skeleton=OWN, batch_size=2)
    assert tuple(loader["dataset"] for loader in loaders) == parts
    assert flips(loaders[0]) == [OWN]
    read = [{"type": "Read"}]
    fit, val, test = data.crops_of(
        CODEC, parts, skeleton=OWN, batch_size=2, train=read, test=[*read, *read]
    )
    assert fit["transforms"] == read
    assert val["transforms"] == test["transforms"] == [*read, *read]


def test_lsp_keeps_its_parts():
    fit, val, test = data.lsp(CODEC, batch_size=4, lsp_ratio=2.5)
    assert fit["dataset"]["ratios"] == [2.5, 1.0]
    assert [val["dataset"]["split"], test["dataset"]["split"]] == ["val", "test"]
    assert flips(fit) == ["lsp14"]


def test_packed_lsp_is_lsp_from_files_that_were_packed():
    whole = data.lsp(CODEC, batch_size=4, lsp_ratio=2.5, augment="device")
    packed = data.lsp_packed(CODEC, batch_size=4, lsp_ratio=2.5, augment="device", folder="p")
    for before, after in zip(whole, packed, strict=True):
        assert {**before, "dataset": None} == {**after, "dataset": None}
    fit, val, test = (loader["dataset"] for loader in packed)
    assert (fit["type"], fit["ratios"]) == ("Combined", [2.5, 1.0])
    parts = [*fit["datasets"], val, test]
    # What LSP and LSPExtended call themselves, which `poseforge data pack` names folders by.
    names = ["lsp_fit", "lspet_train", "lsp_val", "lsp_test"]
    assert parts == [{"type": "PackedCrops", "part": name, "folder": "p"} for name in names]
