import numpy as np
import pytest

from poseforge.datasets import Scenes, SyntheticPeople, SyntheticScenes
from poseforge.registry import DATASETS

# Somebody of these is hidden whole.
MANY = {"num_people": 90, "people": (1, 4), "seed": 3, "size": 48}


@pytest.mark.parametrize("people", [(1, 1), (1, 4), (2, 3)])
def test_they_are_the_scenes_of_the_people(people):
    expected = Scenes(SyntheticPeople(**{**MANY, "people": people}))
    scenes = SyntheticScenes(SyntheticPeople(**{**MANY, "people": people}))
    assert len(scenes) == len(expected)
    for found, sample in zip(scenes, expected, strict=True):
        assert found.keys() == sample.keys()
        for key, value in sample.items():
            np.testing.assert_array_equal(found[key], value)
    np.testing.assert_array_equal(scenes.sample_names, expected.sample_names)
    assert scenes.protocol == expected.protocol
    for role in ("people", "truth"):
        found, wanted = getattr(scenes, role), getattr(expected, role)
        np.testing.assert_array_equal(found.ids, wanted.ids)
        np.testing.assert_array_equal(found.image_names, wanted.image_names)
        np.testing.assert_array_equal(found.visible, wanted.visible)


def test_nobody_is_annotated_before_the_picture_is_drawn():
    scenes = SyntheticScenes(SyntheticPeople(**{**MANY, "num_people": 10_000_000}))
    assert scenes[len(scenes) - 1]["keypoints"].shape[1:] == (14, 2)
    assert "people" not in vars(scenes.dataset)


def test_fingerprints_tell_them_from_people_and_from_one_another():
    one, two = (SyntheticPeople(**{**MANY, "seed": seed}) for seed in (0, 1))
    prints = {each.fingerprint() for each in (one, SyntheticScenes(one), SyntheticScenes(two))}
    assert len(prints) == 3


def test_configs_can_build_them_and_know_how_many_there_are():
    config = {"type": "SyntheticScenes", "dataset": {"type": "SyntheticPeople", **MANY}}
    scenes = DATASETS.build(config)
    for index in (-1, len(scenes)):
        with pytest.raises(IndexError, match=f"choose 0 to {len(scenes) - 1}"):
            scenes[index]
