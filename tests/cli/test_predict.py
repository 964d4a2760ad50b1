import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """A folder of 7 pictures in two folders, one of which is damaged."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for number in range(6):
        path = folder / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), rng.integers(256, size=(50, 40, 3), dtype=np.uint8))
    (folder / "b" / "bad.jpg").write_bytes(b"no picture")
    return folder


ORDER = ["a/0.png", "a/2.png", "a/4.png", "b/1.png", "b/3.png", "b/5.png", "b/bad.jpg"]


@pytest.fixture
def predict(run, trained, images, tmp_path):
    """Predict the folder in shards of 3; returns what was printed."""

    def call(*arguments, inputs=images, status=0):
        found, output, errors = run(
            "predict", inputs, "--checkpoint", trained / "best.pth", "--out", tmp_path / "out",
            "--shard-size", "3", "--device", "cpu", *arguments,
        )  # fmt: skip
        assert found == status, errors
        return output if status == 0 else errors

    return call


def poses_in(folder: Path) -> dict[str, list[dict]]:
    """Return the records of each shard's file."""
    files = sorted(folder.glob("poses-*.jsonl"))
    return {
        file.name: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for file in files
    }


def assert_same(found: dict[str, list[dict]], expected: dict[str, list[dict]]) -> None:
    """Check records; which people shared a batch may change the last digit."""
    assert list(found) == list(expected)
    for name, shard in expected.items():
        for one, other in zip(found[name], shard, strict=True):
            assert {**one, "keypoints": 0, "scores": 0} == {**other, "keypoints": 0, "scores": 0}
            if "error" not in other:
                np.testing.assert_allclose(one["keypoints"], other["keypoints"], atol=2e-3)
                np.testing.assert_allclose(one["scores"], other["scores"], atol=2e-3)


def test_every_image_is_in_its_shard_and_bad_ones_are_counted(predict, images, tmp_path):
    output = predict()
    assert "7 of 7 images, 6 people, 3 files in" in output
    assert "1 images have an error in place of poses; the first:" in output
    found = poses_in(tmp_path / "out")
    assert [len(shard) for shard in found.values()] == [3, 3, 1]
    poses = [image for shard in found.values() for image in shard]
    assert [image["image"] for image in poses] == [str(images / name) for name in ORDER]
    assert ["error" in image for image in poses] == [False] * 6 + [True]
    assert all(np.shape(image["keypoints"]) == (1, 14, 2) for image in poses[:6])
    assert sorted(os.listdir(tmp_path / "out")) == ["manifest.json", *found]


def test_poses_are_those_of_poseforge_test(run, trained, tmp_path, monkeypatch):
    from poseforge.datasets import SyntheticPeople

    monkeypatch.chdir(tmp_path)
    config, best = trained.with_name("machine.py"), trained / "best.pth"
    assert run("test", config, best, "--dump", "test.npz")[0] == 0
    people = SyntheticPeople(num_people=3, seed=1, size=48)
    Path("in").mkdir()
    with open("boxes.jsonl", "w", encoding="utf-8") as file:
        for number in range(3):
            sample = people[number]
            cv2.imwrite(f"in/{number}.png", sample["image"][..., ::-1])
            line = {"image": f"in/{number}.png", "boxes": [sample["box"].tolist()]}
            file.write(json.dumps(line) + "\n")
    assert (
        run("predict", "in", "--checkpoint", best, "--boxes", "boxes.jsonl", "--format", "jsonl")[0]
        == 0
    )
    (found,) = poses_in(tmp_path / "predictions").values()
    with np.load("test.npz") as expected:
        keypoints = np.concatenate([image["keypoints"] for image in found])
        np.testing.assert_allclose(keypoints, expected["keypoints"], atol=1e-3)
        scores = np.concatenate([image["scores"] for image in found])
        np.testing.assert_allclose(scores, expected["scores"], atol=1e-3)


def test_finished_shards_are_left_and_missing_ones_made(predict, tmp_path):
    predict()
    out = tmp_path / "out"
    before = poses_in(out)
    (out / "poses-000001.jsonl").unlink()
    (out / ".12345678.poses-000001.jsonl").write_text("{", encoding="utf-8")  # a killed run's
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("poses-*")}
    assert "3 of 7 images, 3 people, 1 files" in predict()
    for name, time_ns in times.items():
        assert (out / name).stat().st_mtime_ns == time_ns
    assert_same(poses_in(out), before)
    assert not list(out.glob(".*"))
    assert "0 of 7 images, 0 people, 0 files" in predict()


def test_processes_share_shards_without_speaking(predict, tmp_path, monkeypatch):
    predict("--out", tmp_path / "alone")
    for rank in (2, 0, 1):  # three processes for three shards of 3, 3 and 1 images
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "3")
        images = (3, 3, 1)[rank]
        assert f"process {rank} of 3: {images} of 7 images" in predict()
    assert_same(poses_in(tmp_path / "out"), poses_in(tmp_path / "alone"))
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "4")  # more processes than shards
    assert "process 3 of 4: 0 of 7 images" in predict("--out", tmp_path / "four")


def test_boxes_say_where_people_are_and_wrong_ones_are_told_of(predict, images, tmp_path):
    lines = [
        {"image": str(images / "a/0.png"), "boxes": [[0, 0, 20, 30], [5, 5, 39, 49]]},
        {"image": str(images / "a/2.png"), "boxes": []},
        {"image": str(images / "a/4.png"), "boxes": [[100, 0, 120, 30]]},
    ]
    path = tmp_path / "boxes.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    output = predict("--boxes", path, inputs=images / "a")
    assert "3 of 3 images, 2 people, 1 files" in output
    assert "lies outside the image of 40 x 50 pixels" in output
    ((two, none, outside),) = poses_in(tmp_path / "out").values()
    assert np.shape(two["keypoints"]) == (2, 14, 2)
    assert two["boxes"] == lines[0]["boxes"]
    assert none == {**lines[1], "keypoints": [], "scores": []}
    assert str(images / "a/4.png") in outside["error"]
    lines[2]["boxes"] = [[1, 2, 3]]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    errors = predict("--boxes", path, "--out", tmp_path / "b", inputs=images / "a", status=2)
    assert "line 3 of" in errors
    assert "give (P, 4)" in errors


def test_skeletons_are_drawn_where_images_could_be_read(predict, tmp_path, images):
    predict("--draw", tmp_path / "drawn")
    drawn = sorted(path.relative_to(tmp_path / "drawn") for path in tmp_path.glob("drawn/**/*.jpg"))
    below = images.relative_to("/")
    assert drawn == [below / Path(name).with_suffix(".jpg") for name in ORDER[:6]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--flip"], "is of a run with flip=False, but now it is True; run the same again to go"),
        (["--shard-size", "4"], "shard_size=3, but now it is 4"),
    ],
)
def test_a_folder_of_another_run_is_refused(predict, tmp_path, arguments, message):
    predict()
    errors = predict(*arguments, status=2)
    assert message in errors
    assert len(errors.splitlines()) == 1
    (tmp_path / "out" / "manifest.json").unlink()
    assert "holds poses but no manifest.json" in predict(status=2)


def test_images_that_came_or_went_are_noticed(predict, images, tmp_path):
    predict(inputs=images / "a")
    cv2.imwrite(str(images / "a" / "new.png"), np.zeros((9, 9, 3), np.uint8))
    try:
        assert "images=3, but now it is 4" in predict(inputs=images / "a", status=2)
    finally:
        (images / "a" / "new.png").unlink()


@pytest.mark.parametrize(
    ("inputs", "arguments", "message"),
    [
        ("{}/none", [], "there is no image, folder or list '{}/none'"),
        ("{}", [], "the folder '{}' has no image in it"),
        ("{}", ["--checkpoint", "{}/none.pth"], "there is no checkpoint file '{}/none.pth'"),
        ("{}", ["--batch-size", "0"], "batch_size=0"),
        ("{}", ["--boxes", "{}/none.jsonl"], "there is no file of boxes '{}/none.jsonl'"),
    ],
)
def test_mistakes_are_one_sentence(predict, tmp_path, inputs, arguments, message):
    folder = tmp_path / "empty"
    folder.mkdir()
    arguments = [argument.format(folder) for argument in arguments]
    errors = predict(*arguments, inputs=inputs.format(folder), status=2)
    assert errors.startswith(f"error: {message.format(folder)}")
    assert len(errors.splitlines()) == 1


def test_a_run_that_is_killed_goes_on(predict, trained, tmp_path, monkeypatch):
    many = tmp_path / "many"
    many.mkdir()
    for number in range(99):
        cv2.imwrite(str(many / f"{number:03d}.png"), np.full((50, 40, 3), number, np.uint8))
    out = tmp_path / "out"
    command = [
        sys.executable, "tools/predict.py", many, "--checkpoint", trained / "best.pth", "--out",
        out, "--shard-size", "3", "--device", "cpu", "--batch-size", "1",
    ]  # fmt: skip
    process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL)
    while not poses_in(out) and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = poses_in(out)
    assert 0 < len(done) < 33
    assert all(len(shard) == 3 for shard in done.values())  # no half of one
    output = predict("--batch-size", "1", inputs=many)
    assert f"{99 - 3 * len(done)} of 99 images" in output
    predict("--batch-size", "1", "--out", tmp_path / "unbroken", inputs=many)
    assert_same(poses_in(out), poses_in(tmp_path / "unbroken"))
