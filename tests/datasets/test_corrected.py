import json
import pickle

import numpy as np
import pytest

from poseforge.datasets import CachedRegions, Combined, Corrected, Scenes
from poseforge.datasets.corrections import read_corrections, write_corrections

ORDER = [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13]  # LSP's keypoints, left for right


@pytest.fixture
def corrections(tmp_path):
    """Write a file that mirrors the third person and drops the second of data sets."""

    def write(*datasets):
        found = {
            dataset.name: (
                dataset,
                {f"{dataset.name}1": {"do": "drop"}, f"{dataset.name}2": {"do": "mirror"}},
            )
            for dataset in datasets
        }
        write_corrections(tmp_path / "c.json", found, origin={"teacher": {}, "trust": {}})
        return tmp_path / "c.json"

    return write


def test_people_are_mirrored_and_dropped(drawn, corrections):
    data = drawn(5)
    data.people.visible[2, 0] = 0  # the right ankle
    corrected = Corrected(data, corrections(data))
    assert corrected.people.ids.tolist() == ["drawn0", "drawn2", "drawn3", "drawn4"]
    assert len(corrected) == len(corrected.truth) == 4
    for index, row in enumerate((0, 2, 3, 4)):
        order = ORDER if row == 2 else range(14)
        sample = corrected[index]
        assert sample["image"][0, 0, 0] == row
        for found, expected in (
            (sample["keypoints"], data.people.keypoints[row][order]),
            (sample["visible"], data.people.visible[row][order]),
            (corrected.people.keypoints[index], data.people.keypoints[row][order]),
            (corrected.people.visible[index], data.people.visible[row][order]),
            (sample["box"], data.people.boxes[row]),
        ):
            np.testing.assert_array_equal(found, expected)
    assert data[2]["visible"][0] == 0  # the data set is as it was
    twin = pickle.loads(pickle.dumps(corrected))
    np.testing.assert_array_equal(twin[1]["keypoints"], corrected[1]["keypoints"])


def test_only_the_chosen_actions_are_taken(drawn, corrections):
    data = drawn(5)
    file = corrections(data)
    mirrored, dropped = (Corrected(data, file, actions=[name]) for name in ("mirror", "drop"))
    assert (len(mirrored), len(dropped)) == (5, 4)
    np.testing.assert_array_equal(mirrored.people.keypoints[1], data.people.keypoints[1])
    np.testing.assert_array_equal(dropped.people.keypoints[1], data.people.keypoints[2])
    digests = {part.fingerprint() for part in (data, mirrored, dropped, Corrected(data, file))}
    assert len(digests) == 4
    with pytest.raises(ValueError, match="give some of"):
        Corrected(data, file, actions=["delete"])


def test_it_stands_around_and_within_a_cache_and_in_a_combination(pictures, corrections, tmp_path):
    file = corrections(pictures)
    plain = Corrected(pictures, file)
    around = Corrected(CachedRegions(pictures, tmp_path / "a"), file)
    within = CachedRegions(plain, tmp_path / "b")
    both = Combined([around, within], ratios=[2, 1])
    assert len(both) == 12
    for index in range(4):
        for other in (around, within):
            np.testing.assert_array_equal(other.people.keypoints, plain.people.keypoints)
            sample = other[index]
            back = sample["keypoints"] - sample["matrix"][:, 2]
            np.testing.assert_allclose(back, plain[index]["keypoints"], atol=1e-3)
    with pytest.raises(ValueError, match="put Corrected inside of Scenes"):
        Corrected(Scenes(pictures), file)


def test_other_labels_are_refused(drawn, corrections):
    data, other = drawn(5), drawn(5, name="sketched")
    file = corrections(data)
    with pytest.raises(ValueError, match="corrects drawn only and cannot be used for sketched"):
        Corrected(other, file)
    for change in (lambda p: p.keypoints, lambda p: p.visible):
        changed = drawn(5)
        change(changed.people)[3, 3] += 1
        with pytest.raises(ValueError, match="corrects other labels than the data set's"):
            Corrected(changed, file)
    with pytest.raises(ValueError, match="other labels"):
        Corrected(drawn(6), file)
    everyone = {"drawn": (data, {who: {"do": "drop"} for who in data.people.ids.tolist()})}
    write_corrections(file, everyone, origin={})
    with pytest.raises(ValueError, match="leaves nobody of drawn"):
        Corrected(data, file)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[1]", "is no file of corrections; make one by"),
        ('{"version": 1, "data": [2]}', "is no file of corrections"),
        ('{"version": 1, "data": {"drawn": {"fingerprint": ""}}}', "is no file of corrections"),
        ('{"version": 7, "data": {}}', "of version 7 of corrections, and this PoseForge reads"),
        ('{"version": 1, "data": {}}', "corrects nothing only"),
        ("{", "is not whole JSON"),
    ],
)
def test_what_is_no_file_of_corrections_is_refused(drawn, tmp_path, content, complaint):
    (tmp_path / "c.json").write_text(content)
    with pytest.raises(ValueError, match=complaint):
        read_corrections(tmp_path / "c.json", drawn(5))
    with pytest.raises(FileNotFoundError, match=r"none\.json does not exist"):
        read_corrections(tmp_path / "none.json", drawn(5))


def test_an_unknown_action_is_refused(drawn, corrections):
    data = drawn(5)
    file = corrections(data)
    content = json.loads(file.read_text())
    content["data"]["drawn"]["corrections"]["drawn1"]["do"] = "turn"
    file.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="is no file of corrections"):
        read_corrections(file, data)
