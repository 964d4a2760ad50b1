"""`poseforge predict` of a few images, and of images that are none."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from poseforge.inference import Predictor, shipped
from poseforge.structures import SKELETONS
from poseforge.transforms import read_image, read_size
from tests.transforms.test_io import jpeg_of

JOINTS = SKELETONS["lsp14"].keypoints


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture in the current folder."""
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(256, size=(60, 40, 3), dtype=np.uint8)
    cv2.imwrite("photo.png", cv2.GaussianBlur(noise, (0, 0), 2))
    return Path("photo.png")


@pytest.fixture
def predict(run, trained):
    def call(*arguments, status=0):
        best = trained / "best.pth"
        found, output, errors = run("predict", *arguments, "--checkpoint", best, "--device", "cpu")
        assert found == status, errors
        return output if status == 0 else errors

    return call


def record(name: str) -> dict:
    return json.loads(Path("predictions", f"{name}.poses.json").read_text(encoding="utf-8"))


def test_joints_are_printed_written_and_drawn(predict, photo, trained):
    output = predict(photo)
    (expected,) = Predictor(trained / "best.pth", device="cpu")(photo)
    lines = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line.split()}
    for name, (x, y), score in zip(JOINTS, expected.keypoints[0], expected.scores[0], strict=True):
        assert lines[name] == [f"{x:.1f}", f"{y:.1f}", f"{score:.2f}"]
    assert "the whole of each image is taken as one person's box" in output
    found = record("photo")
    assert found["names"] == list(JOINTS)
    assert found["boxes"] == [[0, 0, 39, 59]]
    np.testing.assert_allclose(found["keypoints"], expected.keypoints, atol=1e-3)
    assert (found["image"], found["model"]) == ("photo.png", "best.pth")
    assert "note" not in found
    assert read_image("predictions/photo.poses.jpg").shape == (60, 40, 3)
    assert predict(photo) == output  # and again, over the files of before


def test_boxes_of_the_one_image(predict, photo, trained):
    output = predict(photo, "--box", "2,3,30,50", "--box=-5,10,20,40")
    assert "2 people" in output
    assert "no box was given" not in output
    boxes = [[2, 3, 30, 50], [-5, 10, 20, 40]]
    (expected,) = Predictor(trained / "best.pth", device="cpu")(photo, boxes)
    assert record("photo")["boxes"] == boxes
    np.testing.assert_allclose(record("photo")["keypoints"], expected.keypoints, atol=1e-3)


def test_crowds_are_printed_in_part(predict, photo):
    output = predict(photo, *["--box", "2,3,30,50"] * 5)
    assert "5 people, of whom the first 3 are printed" in output
    assert "score 3" in output
    assert "score 4" not in output
    assert len(record("photo")["boxes"]) == 5


def test_what_is_written_is_a_file_of_boxes(predict, photo):
    predict(photo, "--box", "2,3,30,50")
    written = Path("predictions/photo.poses.json")
    predict(photo, "--boxes", written, "--out", "again")
    assert Path("again/photo.poses.json").read_bytes() == written.read_bytes()


def test_files_are_named_as_shortly_as_keeps_them_apart(predict, photo):
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/1.jpg"):
        Path(name).parent.mkdir(exist_ok=True)
        cv2.imwrite(name, read_image(photo))

    def written(*inputs):
        out = Path(f"out{len(list(Path().glob('out*')))}")
        predict(*inputs, "--out", out)
        return sorted(str(path.relative_to(out)) for path in out.rglob("*.json"))

    assert written("a/1.png", photo) == ["1.poses.json", "photo.poses.json"]
    assert written("a", "b/1.png") == [f"{n}.poses.json" for n in ("a/1", "a/2", "b/1")]
    assert written("b") == ["1.jpg.poses.json", "1.png.poses.json"]


def test_more_than_a_few_images_go_into_one_file(predict, photo):
    for number in range(11):
        cv2.imwrite(f"many{number:02d}.png", read_image(photo))
    assert "11 of 11 images, 11 people, 1 files in predictions" in predict("many*.png")
    assert sorted(path.name for path in Path("predictions").iterdir()) == [
        "manifest.json", "poses-000000.jsonl",
    ]  # fmt: skip
    output = predict("many*.png", "--format", "json", "--out", "each")
    assert "right_ankle" not in output
    assert "11 of 11 images predicted, 0 have an error" in output
    assert len(list(Path("each").glob("many*.poses.jpg"))) == 11


def test_of_several_images_a_bad_one_has_an_error(predict, photo):
    Path("bad.jpg").write_text("no picture")
    output = predict("bad.jpg", photo)
    assert "1 of 2 images predicted, 1 have an error in place of poses" in output
    assert "bad.jpg is damaged or not an image" in record("bad")["error"]
    assert not Path("predictions/bad.poses.jpg").exists()
    assert len(record("photo")["keypoints"]) == 1


def test_of_an_animation_the_first_frame_is_taken_and_that_is_said(predict, photo):
    frames = [Image.fromarray(read_image(photo)), Image.new("RGB", (40, 60), "red")]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])
    assert "a.gif (it has several frames, of which the first was taken)" in predict("a.gif")
    assert record("a")["note"] == "it has several frames, of which the first was taken"
    frames[0].save("one.gif")
    predict("one.gif")
    assert record("a")["keypoints"] == record("one")["keypoints"]
    assert "note" not in record("one")


def test_a_drawing_does_not_replace_the_image(predict, photo):
    cv2.imwrite("a.jpg", read_image(photo))
    before = Path("a.jpg").read_bytes()
    assert "would replace the image 'a.jpg'" in predict("a.jpg", "--draw", ".", status=2)
    assert Path("a.jpg").read_bytes() == before


def test_the_model_that_ships(run, trained, photo, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", Path())
    status, _, errors = run("predict", photo)
    assert status == 2
    assert errors.startswith("error: no model ships with this version of PoseForge")
    assert len(errors.splitlines()) == 1
    Path("compact_lsp.pth").write_bytes((trained / "best.pth").read_bytes())
    status, output, _ = run("predict", photo)
    assert status == 0
    assert "it is compact_lsp: poseforge card describes it" in output
    (expected,) = Predictor(trained / "best.pth")(photo)
    np.testing.assert_allclose(record("photo")["keypoints"], expected.keypoints, atol=1e-3)
    assert record("photo")["model"] == "compact_lsp.pth"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["photo.png", "--box", "500,0,600,50"], "lies outside the image of 40 x 60 pixels"),
        (["photo.png", "--box", "5,5,5,9"], "the box [5.0, 5.0, 5.0, 9.0] of photo.png has no wid"),
        (["photo.png", "--box", "nan,5,5,9"], "of photo.png has no width or height"),
        (["photo.png", "--box", "1,2,3"], "--box '1,2,3' is no box; give x1,y1,x2,y2 in pixels"),
        (["photo.png", "--box", "a,2,3,4"], "--box 'a,2,3,4' is no box"),
        (["photo.png", "dot.png", "--box", "1,2,3,4"], "--box is for one image and its own file"),
        (["photo.png", "--box", "1,2,3,4", "--format", "jsonl"], "--box is for one image"),
        (["photo.png", "--box", "1,2,3,4", "--boxes", "b"], "--box and --boxes both say where"),
        (["photo.png", "--format", "json", "--shard-size", "2"], "--format json writes a file an"),
        (["dot.png"], "dot.png has 1 x 1 pixels, which show nobody; give an image of 2 x 2"),
        (["text.jpg"], "text.jpg is damaged or not an image; replace it by a JPEG"),
        (["empty"], "the folder 'empty' has no image in it; images end in .jpg"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(predict, photo, arguments, message):
    cv2.imwrite("dot.png", np.zeros((1, 1, 3), np.uint8))
    Path("text.jpg").write_text("hello")
    Path("empty").mkdir()
    errors = predict(*arguments, status=2)
    assert message in errors
    assert len(errors.splitlines()) == 1


def test_a_huge_jpeg_is_read_and_drawn_reduced(run, trained, photo):
    state = torch.load(trained / "best.pth")
    del state["config"]["test_dataloader"]["transforms"][0]  # Read, before Crop
    torch.save(state, "crops.pth")
    Path("huge.jpg").write_bytes(jpeg_of(20_000))  # whole it is refused
    assert run("predict", "huge.jpg", "--checkpoint", "crops.pth", "--device", "cpu")[0] == 0
    assert record("huge")["boxes"] == [[0, 0, 19_999, 19_999]]
    assert read_size("predictions/huge.poses.jpg") == (5000, 5000)
