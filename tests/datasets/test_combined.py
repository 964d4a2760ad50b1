from collections import Counter

import numpy as np
import pytest

from poseforge.datasets import Combined
from poseforge.registry import DATASETS


def test_without_ratios_every_person_comes_once(drawn):
    both = Combined([drawn(3, name="a"), drawn(4, name="b")])
    assert both.people.ids.tolist() == ["a0", "a1", "a2", "b0", "b1", "b2", "b3"]
    assert both.name == "a+b"
    assert both.protocol == "drawn box"


def test_ratio_two_and_a_half(drawn):
    both = Combined([drawn(10, name="a"), drawn(5, name="b")], ratios=[2.5, 1])
    count = Counter(both.people.ids.tolist())
    assert len(both) == 30
    assert [count[f"a{n}"] for n in range(10)] == [3, 2] * 5  # the half is evenly spread
    assert all(count[f"b{n}"] == 1 for n in range(5))


def test_ratio_below_one_thins_out_evenly(drawn):
    assert Combined([drawn(9, name="a")], ratios=[1 / 3]).people.ids.tolist() == ["a0", "a3", "a6"]


def test_samples_and_people_agree(drawn):
    both = Combined([drawn(10, name="a"), drawn(5, name="b")], ratios=[1.3, 2])
    for index in range(len(both)):
        sample = both[index]
        np.testing.assert_array_equal(sample["keypoints"], both.people.keypoints[index])
        np.testing.assert_array_equal(sample["box"], both.people.boxes[index])
        assert sample["image"][0, 0, 0] == int(both.people.ids[index][1:])


def test_paths_stay_in_their_rows_when_one_part_draws(drawn):
    both = Combined([drawn(2, name="a"), drawn(2, name="b", paths=True)])
    assert both.people.image_paths.tolist() == ["", "", "b/0.jpg", "b/1.jpg"]
    assert len(Combined([drawn(2), drawn(3)]).people.image_paths) == 0


def test_fingerprint_depends_on_parts_and_ratios(drawn):
    prints = {
        Combined([drawn(2), drawn(3)]).fingerprint(),
        Combined([drawn(2), drawn(4)]).fingerprint(),
        Combined([drawn(2), drawn(3)], [2, 1]).fingerprint(),
    }
    assert len(prints) == 3
    assert Combined([drawn(2), drawn(3)], [1, 1.0]).fingerprint() in prints


def test_wrong_parts_are_refused(drawn):
    with pytest.raises(ValueError, match="no data sets"):
        Combined([])
    with pytest.raises(ValueError, match="'b' has skeleton 'coco17' but 'a' has 'lsp14'"):
        Combined([drawn(2, name="a"), drawn(2, "coco17", "b")])
    for ratios in ([1], [1, 0], [1, float("nan")], [1, -2], [1, float("inf")]):
        with pytest.raises(ValueError, match="does not fit 2 data sets; give one positive"):
            Combined([drawn(2), drawn(2)], ratios)


def test_registry_builds_the_parts_first(fake_root):
    parts = [
        dict(type="LSP", split="fit", data_root=str(fake_root)),
        dict(type="LSPExtended", data_root=str(fake_root)),
    ]
    data = DATASETS.build(dict(type="Combined", datasets=parts, ratios=[2.5, 1]))
    assert len(data) == 2250 + 9999
    assert data[2250]["image_path"].endswith("lspet/images/im00001.jpg")
