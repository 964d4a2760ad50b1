import numpy as np

from poseforge.structures import People


def people(with_paths):
    return People(
        image_paths=np.array(["a", "b", "c"] if with_paths else []),
        keypoints=np.arange(12, dtype=np.float32).reshape(3, 2, 2),
        visible=np.full((3, 2), 2, np.float32),
        boxes=np.zeros((3, 4), np.float32),
        ids=np.array(["x", "y", "z"]),
    )


def test_people_are_chosen_by_rows():
    chosen = people(True)[np.array([2, 0])]
    assert len(chosen) == 2
    assert chosen.image_paths.tolist() == ["c", "a"]
    assert chosen.ids.tolist() == ["z", "x"]
    np.testing.assert_array_equal(chosen.keypoints[0], [[8, 9], [10, 11]])


def test_people_without_image_files_are_chosen_too():
    assert len(people(False)[:1].image_paths) == 0
    assert len(people(False)[:1]) == 1
