import json
from dataclasses import replace

import numpy as np
import pytest

from poseforge.formats.predictions import read_predictions, write_json, write_npz
from poseforge.structures import SKELETONS, Predictions

FLIC = SKELETONS["flic9"]
WRITERS = {"a.npz": write_npz, "a.json": write_json}


def read(path, skeleton=FLIC):
    return read_predictions(path, skeleton=skeleton, ids=np.array(["unused"]))


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)
    keypoints = rng.normal(scale=300, size=(4, 9, 2)).astype(np.float32)
    scores = rng.random((4, 9)).astype(np.float32)
    keypoints[1, 2] = np.nan
    keypoints[3] = np.nan
    scores[3] = np.nan
    return Predictions(np.array(["a/1", "ü", 'say "x"', "a,b\n"]), keypoints, scores)


@pytest.mark.parametrize("file", WRITERS)
def test_round_trip_is_exact(tmp_path, predictions, file):
    WRITERS[file](predictions, FLIC, tmp_path / file)
    found = read(tmp_path / file)
    assert found.ids.tolist() == predictions.ids.tolist()
    np.testing.assert_array_equal(found.keypoints, predictions.keypoints)
    np.testing.assert_array_equal(found.scores, predictions.scores)
    assert found.keypoints.dtype == found.scores.dtype == np.float32


@pytest.mark.parametrize("file", WRITERS)
def test_the_same_predictions_make_the_same_bytes(tmp_path, predictions, file):
    again = Predictions(
        predictions.ids.copy(), predictions.keypoints.copy(), predictions.scores.copy()
    )
    WRITERS[file](predictions, FLIC, tmp_path / "1" / file)
    WRITERS[file](again, FLIC, tmp_path / "2" / file)
    assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()
    assert len(list((tmp_path / "1").iterdir())) == 1


def test_json_is_plain_and_short(tmp_path):
    keypoints = np.full((1, 9, 2), np.nan, np.float32)
    keypoints[0, 0] = 0.1, 12
    scores = np.full((1, 9), np.nan, np.float32)
    scores[0, 0] = 0.7
    path = tmp_path / "a.json"
    write_json(Predictions(np.array(["x"]), keypoints, scores), FLIC, path)
    assert json.loads(path.read_text()) == {
        "format": "poseforge-predictions",
        "version": 1,
        "skeleton": {"name": "flic9", "keypoints": list(FLIC.keypoints)},
        "people": [
            {
                "id": "x",
                "keypoints": [[0.1, 12.0], *[None] * 8],
                "scores": [0.7, *[None] * 8],
            }
        ],
    }


def test_arrays_without_names_are_read(tmp_path, predictions):
    path = tmp_path / "a.npz"
    np.savez(path, ids=predictions.ids, keypoints=predictions.keypoints, scores=predictions.scores)
    np.testing.assert_array_equal(read(path).keypoints, predictions.keypoints)


@pytest.mark.parametrize("file", WRITERS)
def test_other_keypoints_of_the_same_number(tmp_path, predictions, file):
    names = list(FLIC.keypoints)
    names[1:3] = names[2], names[1]
    other = replace(FLIC, keypoints=tuple(names))
    WRITERS[file](predictions, other, tmp_path / file)
    with pytest.raises(ValueError, match="'flic9': number 2 is left_wrist, not left_elbow"):
        read(tmp_path / file)


@pytest.mark.parametrize("file", WRITERS)
def test_fewer_keypoints(tmp_path, predictions, file):
    WRITERS[file](predictions, FLIC, tmp_path / file)
    with pytest.raises(ValueError, match="number 9 is head, not left_eye"):
        read(tmp_path / file, SKELETONS["flic10"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": np.zeros((4, 9, 3))}, r"keypoints \(4, 9, 3\).*keypoints \(N, K, 2\)"),
        ({"scores": np.zeros((4, 8))}, r"scores \(4, 8\)"),
        ({"ids": np.array(["a"])}, r"ids \(1,\)"),
        ({"keypoints": np.zeros(3)}, r"keypoints \(3,\)"),
        ({"ids": np.arange(4)}, "ids of the type int64"),
        ({"keypoints": np.full((4, 9, 2), np.inf)}, "infinite numbers"),
        ({"keypoints": np.full((4, 9, 2), None)}, "pickled objects"),
    ],
)
def test_damaged_arrays(tmp_path, predictions, change, message):
    path = tmp_path / "a.npz"
    arrays = {
        "ids": predictions.ids, "keypoints": predictions.keypoints, "scores": predictions.scores,
    }  # fmt: skip
    np.savez(path, **(arrays | change))
    with pytest.raises(ValueError, match=message):
        read(path)


def test_missing_array(tmp_path):
    np.savez(tmp_path / "a.npz", ids=np.array(["a"]), poses=np.zeros(2))
    with pytest.raises(ValueError, match="no array keypoints and no scores; it has ids, poses"):
        read(tmp_path / "a.npz")


PERSON = {"id": "x", "keypoints": [[1, 2]] * 9, "scores": [1] * 9}
WHOLE = {
    "format": "poseforge-predictions",
    "version": 1,
    "skeleton": {"name": "flic9", "keypoints": list(FLIC.keypoints)},
    "people": [PERSON],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "neither a list .* nor an object with"),
        ({"version": 2}, "is version 2 of poseforge-predictions"),
        ({"skeleton": "flic9"}, "does not name its keypoints"),
        ({"people": {}}, "no list of 'people'"),
        ({"people": [PERSON, {**PERSON, "id": 7}]}, "person 2 is not an object with a string"),
        ({"people": [{**PERSON, "keypoints": [[1, 2]] * 8}]}, "person 1 .* 9 'keypoints'"),
        ({"people": [{**PERSON, "keypoints": [[1, 2, 3]] * 9}]}, "person 1"),
        ({"people": [{**PERSON, "keypoints": [[1, 2]] * 8 + [[1]]}]}, "person 1"),
        ({"people": [{**PERSON, "scores": ["high"] * 9}]}, "person 1"),
        ({"people": [{"id": "x"}]}, "person 1"),
        ({"people": [3]}, "person 1"),
    ],
)
def test_damaged_json(tmp_path, change, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(WHOLE))
    assert len(read(path)) == 1
    path.write_text(json.dumps(WHOLE | change))
    with pytest.raises(ValueError, match=message):
        read(path)
