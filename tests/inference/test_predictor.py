import itertools
import json
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import torch

from poseforge.datasets import CocoStyle, build_loader
from poseforge.engine.data import build_source
from poseforge.engine.distributed import World
from poseforge.engine.evaluation import predict_dataset
from poseforge.inference import Predictor
from poseforge.inference.checkpoint_model import load_model
from poseforge.inference.reading_ahead import AHEAD
from poseforge.structures import Detections
from poseforge.transforms import read_image

FLAT = 0.05  # px: nets that have learnt nothing have flat maps, whose tops the last bits move
ALL = ["cpm", "deeppose", "eol", "hmappose", "simplepose", "openpose"]


@pytest.fixture
def hmappose(make_model):
    """The checkpoint of a tiny model of one person."""
    return make_model("hmappose_synthetic")[2]


@pytest.fixture
def calls(monkeypatch) -> list[int]:
    """How many people the model saw at each call."""
    found: list[int] = []
    run = Predictor._run

    def counted(self, people):
        found.append(len(people))
        return run(self, people)

    monkeypatch.setattr(Predictor, "_run", counted)
    return found


def noise(seed: int, size: tuple[int, int] = (80, 60)) -> np.ndarray:
    picture = np.random.default_rng(seed).integers(256, size=(*size, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_poses_are_those_of_the_test_tool(make_model, name, flip):
    config, estimator, checkpoint = make_model(f"{name}_synthetic")
    estimator.flip_test = flip
    source = build_source("test_dataloader", config, estimator, World(), train=False)
    dataset = source.dataset
    names = dataset.sample_names
    expected = predict_dataset(estimator, source.loader, names, torch.device("cpu"))
    images = [dataset[index]["image"] for index in range(len(dataset))]
    predictor = Predictor(checkpoint, device="cpu", batch_size=5, flip=flip)
    assert predictor.skeleton == dataset.skeleton
    if isinstance(expected, Detections):
        found = list(predictor(images))
        counts = [(expected.image_ids == name).sum() for name in names]
        assert [len(poses) for poses in found] == counts
    else:
        found = list(predictor(images, [dataset[i]["box"][None] for i in range(len(dataset))]))
        assert [len(poses) for poses in found] == [1] * len(dataset)
    keypoints = np.concatenate([poses.keypoints for poses in found])
    np.testing.assert_array_equal(np.isnan(keypoints), np.isnan(expected.keypoints))
    apart = np.nan_to_num(np.abs(keypoints - expected.keypoints))
    # The last bits decide of a few points.
    assert (apart < 1e-3).mean() > 0.9
    assert apart.max() < FLAT
    scores = np.concatenate([poses.scores for poses in found])
    last_bits = 1e-5 * np.abs(expected.scores).max()  # thousands, of a network not trained
    np.testing.assert_allclose(scores, expected.scores, rtol=1e-3, atol=max(2e-3, last_bits))


def test_large_files_are_read_as_the_test_tool_reads_them(make_model, tmp_path):
    _, _, checkpoint = make_model("simplepose_synthetic")
    model = load_model(checkpoint)
    cv2.imwrite(str(tmp_path / "a.jpg"), noise(3, (601, 799)))
    boxes = [
        [20.0, 30.0, 500.0, 560.0],
        [100.0, 50.0, 160.0, 120.0],
    ]  # at an eighth, and whole
    people = [
        {"id": n, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 9.0, "num_keypoints": 1,
         "bbox": [x1, y1, x2 - x1, y2 - y1], "keypoints": [x1 + 5, y1 + 5, 2] + [0] * 39}
        for n, (x1, y1, x2, y2) in enumerate(boxes)
    ]  # fmt: skip
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 799, "height": 601}],
        "categories": [{"id": 1, "name": "person", "keypoints": [], "skeleton": []}],
        "annotations": people,
    }
    (tmp_path / "people.json").write_text(json.dumps(document))
    dataset = CocoStyle(tmp_path / "people.json", tmp_path, skeleton="lsp14")
    loader = build_loader(dataset, model.transforms, batch_size=2, train=False)
    names, cpu = dataset.sample_names, torch.device("cpu")
    expected = predict_dataset(model.estimator, loader, names, cpu).keypoints
    (poses,) = Predictor(checkpoint, device="cpu")(str(tmp_path / "a.jpg"), boxes)
    np.testing.assert_allclose(poses.keypoints, expected, atol=1e-3)
    (whole,) = Predictor(checkpoint, device="cpu")(read_image(tmp_path / "a.jpg"), boxes)
    assert np.abs(whole.keypoints - expected).max() > 1e-3  # the scale makes a difference


def test_people_of_all_images_share_batches(hmappose, calls):
    predictor = Predictor(hmappose, device="cpu", batch_size=8)
    boxes = np.array([[x, 5, x + 20, 55] for x in range(20)], np.float32)
    calls.clear()
    (crowd,) = predictor(noise(0), boxes)
    assert calls == [8, 8, 4]
    calls.clear()
    alone = list(predictor([noise(0)] * 20, boxes[:, None]))
    assert calls == [8, 8, 4]
    np.testing.assert_allclose(
        np.concatenate([poses.keypoints for poses in alone]), crowd.keypoints, atol=1e-4
    )
    np.testing.assert_array_equal(crowd.boxes, boxes)
    assert crowd.path is None


def test_results_keep_the_order_of_images_whose_people_are_split_over_batches(hmappose):
    predictor = Predictor(hmappose, device="cpu", batch_size=4)
    images = [noise(seed) for seed in range(6)]
    counts = [3, 0, 6, 1, 0, 5]
    boxes = [np.tile(np.array([[1, 2, 50, 70]], np.float32), (n, 1)) for n in counts]
    found = list(predictor(images, boxes))
    assert [len(poses) for poses in found] == counts
    for image, poses, count in zip(images, found, counts, strict=True):
        (single,) = predictor(image, boxes[0][:1])
        expected = np.repeat(single.keypoints, count, axis=0)
        np.testing.assert_allclose(poses.keypoints, expected, atol=FLAT)
        assert poses.scores.shape == (count, 14)


def test_endless_inputs_are_read_a_little_ahead_only(hmappose):
    taken = 0

    def camera() -> Iterator[np.ndarray]:
        nonlocal taken
        for seed in itertools.count():
            taken += 1
            yield noise(seed % 3)

    predictor = Predictor(hmappose, device="cpu", batch_size=4, workers=2)
    for number, _ in enumerate(itertools.islice(predictor(camera()), 50)):
        assert taken - number <= 4 + 2 * AHEAD + 1
    taken = 0
    predictor = Predictor(hmappose, device="cpu", batch_size=1, workers=0)
    next(predictor(camera()))
    assert taken == 1  # the picture of now, not one from a queue


def test_files_folders_patterns_and_arrays_are_the_same_pictures(hmappose, tmp_path):
    for seed in range(3):
        cv2.imwrite(str(tmp_path / f"{seed}.png"), noise(seed)[..., ::-1])
    paths = [str(tmp_path / f"{seed}.png") for seed in range(3)]
    predictor = Predictor(hmappose, device="cpu")
    expected = [poses.keypoints for poses in predictor([noise(seed) for seed in range(3)])]
    for images in (paths, tmp_path, str(tmp_path / "*.png"), [tmp_path / "0.png", *paths[1:]]):
        found = list(predictor(images))
        assert [poses.path for poses in found] == paths
        np.testing.assert_array_equal([poses.keypoints for poses in found], expected)
    whole = [0, 0, 59, 79]
    assert all(poses.boxes.tolist() == [whole] for poses in found)
    (boxed,) = predictor(paths[1], [whole])
    np.testing.assert_allclose(boxed.keypoints, expected[1], atol=FLAT)
    by_path = list(predictor(tmp_path, lambda path: [whole] * int(path[-5])))
    assert [len(poses) for poses in by_path] == [0, 1, 2]


def test_a_model_of_scenes_refuses_boxes_and_gives_those_of_whom_it_found(make_model):
    predictor = Predictor(make_model("openpose_synthetic")[2], device="cpu")
    with pytest.raises(ValueError, match="BottomUp looks at whole images, so boxes mean nothing"):
        predictor(noise(0), [[0, 0, 9, 9]])
    (poses,) = predictor(noise(0))
    for keypoints, box in zip(poses.keypoints, poses.boxes, strict=True):
        x, y = keypoints[np.isfinite(keypoints).all(axis=1)].T
        np.testing.assert_array_equal(box, [x.min(), y.min(), x.max(), y.max()])


def test_a_model_of_squeezed_images_refuses_boxes(make_model):
    transforms = "[{'type': 'Read'}, {'type': 'Stretch', 'size': (64, 64)}]"
    override = f"test_dataloader.transforms={transforms}"
    predictor = Predictor(make_model("hmappose_synthetic", override)[2], device="cpu")
    with pytest.raises(ValueError, match="TopDown looks at whole images"):
        predictor(noise(0), [[0, 0, 9, 9]])
    assert len(next(predictor(noise(0)))) == 1


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([1, 2, 30, 40], r"the boxes of the image are of shape \(4,\); give \(P, 4\)"),
        ([[1, 2, 30]], r"are of shape \(1, 3\)"),
        ([[1, 2, 30, 40], [1, 2]], "are no table of numbers"),
        ([["a", 2, 3, 4]], "are no table of numbers"),
        ([[30, 2, 1, 40]], r"the box \[30.0, 2.0, 1.0, 40.0\] of the image has no width or height"),
        ([[1, 2, float("nan"), 40]], "has no width or height"),
        ([[100, 2, 130, 40]], r"the image: the person's box .* lies outside the image of 60 x 80"),
    ],
)
def test_boxes_that_are_none(hmappose, boxes, message):
    predictor = Predictor(hmappose, device="cpu")
    with pytest.raises(ValueError, match=message):
        list(predictor(noise(0), boxes))
    (poses,) = predictor(noise(0), boxes, keep_going=True)
    assert len(poses) == 0
    assert poses.keypoints.shape == (0, 14, 2)
    assert message.split("\\")[0][-20:] in poses.error or "outside" in poses.error


def test_one_bad_image_is_raised_or_told_of(hmappose, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    images = [noise(0), tmp_path / "bad.jpg", noise(1)]
    predictor = Predictor(hmappose, device="cpu")
    with pytest.raises(ValueError, match=r"bad\.jpg is damaged or not an image"):
        list(predictor(images))
    found = list(predictor(images, keep_going=True))
    assert [len(poses) for poses in found] == [1, 0, 1]
    assert "bad.jpg is damaged or not an image" in found[1].error
    (poses,) = predictor(str(images[1]), {}.__getitem__, keep_going=True)  # the user's function
    assert poses.error == f"KeyError: '{images[1]}'"
    with pytest.raises(ValueError, match="give an array's boxes themselves"):
        list(predictor(noise(0), {}.__getitem__))
    with pytest.raises(ValueError, match=r"array \(80, 60\) of uint8 is no image"):
        list(predictor(noise(0)[..., 0]))


@pytest.mark.parametrize("boxes", [[None], [None] * 3])
def test_as_many_boxes_as_images(hmappose, boxes):
    with pytest.raises(ValueError, match="not as many sets of boxes as images"):
        list(Predictor(hmappose, device="cpu")([noise(0), noise(1)], boxes))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(batch_size=0), "batch_size=0"),
        (dict(workers=-1), "workers=-1"),
        (dict(amp="int8"), "amp='int8'"),
        (dict(device="cuda:99"), "cuda:99' is not there"),
    ],
)
def test_arguments_that_are_not_allowed(hmappose, options, message):
    with pytest.raises(ValueError, match=message):
        Predictor(hmappose, **options)


@pytest.mark.slow
def test_compiled_poses_are_the_same(make_model):
    checkpoint = make_model("hmappose_synthetic", "model.backbone.batch_norm=True")[2]
    images = [noise(seed) for seed in range(5)]
    plain, compiled = (
        [poses.keypoints for poses in Predictor(checkpoint, batch_size=2, compile=compile)(images)]
        for compile in (False, True)
    )
    np.testing.assert_allclose(compiled, plain, atol=1e-3)


def test_warming_up_runs_a_whole_batch(hmappose, calls):
    Predictor(hmappose, device="cpu", batch_size=6).warm_up()
    assert calls == [6]
