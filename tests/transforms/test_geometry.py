import copy

import cv2
import numpy as np
import pytest

from poseforge.structures import SKELETONS, affine
from poseforge.transforms import Crop, Flip, RandomCrop, Read, Stretch
from poseforge.transforms.io import ImageFile

LSP = "lsp14"
PIPELINES = {
    "crop": [Crop((128, 128))],
    "tall crop": [Crop((96, 128), padding=1.5)],
    "random crop": [RandomCrop((160, 160))],
    "shrinking crop": [RandomCrop((64, 64), scale=(0.9, 1.0), rotate_deg=180, shift=0.05)],
    "stretch": [Stretch((200, 90))],
    "shrink": [Stretch((75, 55))],
    "flip": [Flip(LSP, 1.0)],
    "flip, crop": [Flip(LSP, 1.0), RandomCrop((128, 160))],
    "crop, flip": [RandomCrop((128, 160)), Flip(LSP, 1.0)],
    "stretch, flip, crop": [Stretch((140, 140)), Flip(LSP, 1.0), Crop((128, 128))],
}


def run(transforms, sample, seed=0):
    rng = np.random.default_rng(seed)
    for transform in transforms:
        sample = transform(sample, rng)
    return sample


def with_dot(sample, joint):
    """The sample with a black picture but for a dot at one joint."""
    rows, columns = np.mgrid[: sample["image"].shape[0], : sample["image"].shape[1]]
    x, y = sample["keypoints"][joint]
    dot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.5**2))
    return {**sample, "image": np.repeat(np.rint(dot).astype(np.uint8)[..., None], 3, axis=2)}


def centroid(image):
    weight = image[..., 0].astype(float)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
@pytest.mark.parametrize("joint", [0, 5, 13])
def test_a_dot_at_a_joint_lands_where_the_joint_is_said_to_be(sample, pipeline, joint):
    for transform in pipeline:
        if isinstance(transform, Crop | RandomCrop):
            transform.fill = 0.0
    moved = run(pipeline, with_dot(sample, joint))
    order = SKELETONS[LSP].flip_indices
    flipped = any(isinstance(transform, Flip) for transform in pipeline)
    said = moved["keypoints"][order[joint] if flipped else joint]
    width, height = moved["image"].shape[1], moved["image"].shape[0]
    assert 10 < said[0] < width - 10, "the test's dot must lie inside"
    assert 10 < said[1] < height - 10, "the test's dot must lie inside"
    np.testing.assert_allclose(centroid(moved["image"]), said, atol=0.15)


@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
def test_matrix_takes_the_truth_back_to_the_image(sample, pipeline):
    moved = run(pipeline, sample, seed=4)
    back = affine.apply(affine.invert(moved["matrix"]), moved["keypoints"])
    flipped = any(isinstance(transform, Flip) for transform in pipeline)
    order = SKELETONS[LSP].flip_indices if flipped else np.arange(14)
    np.testing.assert_allclose(back[order], sample["keypoints"], atol=1e-3)
    np.testing.assert_array_equal(moved["visible"][order], sample["visible"])
    np.testing.assert_allclose(
        affine.apply(moved["matrix"], sample["center"]), moved["center"], atol=1e-3
    )
    for name in ("keypoints", "visible", "box", "center"):
        assert moved[name].dtype == np.float32, name


@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
def test_moved_box_holds_the_moved_labelled_points(sample, pipeline):
    moved = run(pipeline, sample, seed=5)
    points = moved["keypoints"][moved["visible"] > 0]
    assert (points >= moved["box"][:2] - 1e-3).all()
    assert (points <= moved["box"][2:] + 1e-3).all()


def bilinear(image, x, y, fill):
    """Four neighbours, weighted; what lies outside has the fill's value."""
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    total = np.zeros(3)
    for row, wy in ((y0, y0 + 1 - y), (y0 + 1, y - y0)):
        for column, wx in ((x0, x0 + 1 - x), (x0 + 1, x - x0)):
            inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
            total += wx * wy * (image[row, column] if inside else np.full(3, fill))
    return total


@pytest.mark.parametrize("fill", [128, 0, 31])
def test_warp_equals_bilinear_sampling_by_hand(sample, fill):
    moved = run([RandomCrop((90, 120), padding=1.6, fill=fill)], sample, seed=2)
    inverse = affine.invert(moved["matrix"])
    rng = np.random.default_rng(0)
    for x, y in rng.integers((0, 0), (90, 120), size=(200, 2)):
        source = affine.apply(inverse, np.array([x, y], float))
        expected = bilinear(sample["image"].astype(float), *source, fill)
        # OpenCV 4 rounds positions to 1/32 px.
        np.testing.assert_allclose(moved["image"][y, x], expected, atol=6)


def test_crop_is_the_closed_form(sample, rng):
    sample["box"] = np.array([20, 30, 60, 110], np.float32)
    moved = Crop((100, 100), padding=1.25)(sample, rng)  # 80 px x 1.25 is 100 px: scale 1
    np.testing.assert_allclose(moved["matrix"], [[1, 0, 9.5], [0, 1, -20.5]], atol=1e-9)
    np.testing.assert_allclose(moved["box"], [29.5, 9.5, 69.5, 89.5])
    assert moved["image"].shape == (100, 100, 3)


def test_border_is_grey_by_default(sample, rng):
    sample["box"] = np.array([-60, -60, 20, 20], np.float32)
    assert (Crop((64, 64))(sample, rng)["image"][0, 0] == 128).all()


def test_labelled_points_outside_the_crop_stay_labelled(sample, rng):
    sample["box"] = np.array([60, 40, 70, 50], np.float32)
    moved = Crop((64, 64))(sample, rng)
    outside = (moved["keypoints"] < 0).any(axis=1) | (moved["keypoints"] > 63).any(axis=1)
    assert (outside & (moved["visible"] > 0)).any()
    np.testing.assert_array_equal(moved["visible"], sample["visible"])


def test_random_crop_without_randomness_is_crop(sample, rng):
    still = RandomCrop((80, 80), scale=(1, 1), rotate_deg=0, shift=0)(sample, rng)
    plain = Crop((80, 80))(sample, rng)
    np.testing.assert_allclose(still["matrix"], plain["matrix"])
    np.testing.assert_array_equal(still["image"], plain["image"])


def test_random_crop_draws_from_its_ranges(sample):
    side = 1.25 * float(max(sample["box"][2:] - sample["box"][:2]))
    scales, angles, shifts = [], [], []
    transform = RandomCrop((64, 64), scale=(0.7, 1.3), rotate_deg=40, shift=0.1)
    for seed in range(300):
        matrix = transform(sample, np.random.default_rng(seed))["matrix"]
        scale = np.hypot(matrix[0, 0], matrix[1, 0])
        scales.append(scale * side / 64)
        angles.append(np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0])))
        middle = affine.apply(affine.invert(matrix), np.array([31.5, 31.5]))
        shifts.append((middle - sample["center"]) / (64 / scale))
    assert 0.7 <= min(scales) < 0.73
    assert 1.27 < max(scales) <= 1.3
    assert -40 <= min(angles) < -37
    assert 37 < max(angles) <= 40
    assert 0.095 < np.abs(shifts).max() <= 0.1 + 1e-6


def test_flip_twice_is_the_identity(sample, rng):
    flip = Flip(LSP, 1.0)
    twice = flip(flip(sample, rng), rng)
    for name in ("image", "visible", "matrix"):
        np.testing.assert_array_equal(twice[name], sample[name])
    for name in ("keypoints", "box", "center"):
        np.testing.assert_allclose(twice[name], sample[name], atol=1e-4)


def test_flip_mirrors_columns_and_swaps_sides(sample, rng):
    flipped = Flip(LSP, 1.0)(sample, rng)
    np.testing.assert_array_equal(flipped["image"], sample["image"][:, ::-1])
    right_ankle, left_ankle = 0, 5
    x, y = sample["keypoints"][left_ankle]
    np.testing.assert_allclose(flipped["keypoints"][right_ankle], [149 - x, y], atol=1e-4)


def test_flip_happens_as_often_as_asked(sample):
    flips = [
        Flip(LSP, 0.3)(sample, np.random.default_rng(seed))["matrix"][0, 0] < 0
        for seed in range(500)
    ]
    assert 0.24 < np.mean(flips) < 0.36
    assert Flip(LSP, 0.0)(sample, np.random.default_rng(0)) is sample


def test_stretch_equals_a_resize(sample, rng):
    stretched = Stretch((300, 220))(sample, rng)
    np.testing.assert_array_equal(
        stretched["image"], cv2.resize(sample["image"], (300, 220), interpolation=cv2.INTER_LINEAR)
    )


@pytest.mark.parametrize("transform", [Crop((64, 64)), RandomCrop((64, 64))])
@pytest.mark.parametrize(
    "box", [[200, 0, 260, 50], [-50, 0, -5, 50], [10, 120, 40, 160], [np.nan] * 4]
)
def test_a_box_outside_the_image_is_refused(sample, rng, transform, box):
    broken = copy.deepcopy(sample)
    broken["box"] = np.array(box, np.float32)
    with pytest.raises(ValueError, match="outside the image of 150 x 110 pixels; correct"):
        transform(broken, rng)


def test_a_box_without_area_is_refused(sample, rng):
    sample["box"] = np.array([20, 20, 20, 20], np.float32)
    with pytest.raises(ValueError, match="must be positive"):
        Crop((64, 64))(sample, rng)


def test_flip_refuses_another_skeleton(sample, rng):
    with pytest.raises(ValueError, match="14 keypoints but skeleton 'coco17' has 17"):
        Flip("coco17", 1.0)(sample, rng)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Crop(256), "size=256"),
        (lambda: Crop((256, 0)), "size="),
        (lambda: Crop((256.0, 256.0)), "size="),
        (lambda: Crop((64, 64), padding=0), "padding=0"),
        (lambda: Crop((64, 64), fill=300), "fill=300"),
        (lambda: RandomCrop((64, 64), scale=(1.3, 0.7)), "scale="),
        (lambda: RandomCrop((64, 64), rotate_deg=-1), "rotate_deg=-1"),
        (lambda: RandomCrop((64, 64), shift=2), "shift=2"),
        (lambda: Flip("lsp14", 1.5), "probability=1.5"),
        (lambda: Flip("lps14"), "lps14"),
        (lambda: Stretch((1, 2, 3)), "size="),
    ],
)
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


MARKS = np.array([[310, 205], [640, 330], [455, 610], [700, 590]], np.float32)  # (4, 2) pixels


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A large JPEG, black but for round dots of sigma 9, which are its person's first joints."""
    rows, columns = np.mgrid[:803, :1001]
    dots = sum(np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 9**2)) for x, y in MARKS)
    path = tmp_path_factory.mktemp("marked") / "dots.jpg"
    picture = np.repeat(np.rint(255 * dots).astype(np.uint8)[..., None], 3, axis=2)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 98])
    keypoints = np.zeros((14, 2), np.float32)
    keypoints[:4] = MARKS
    visible = np.repeat([2, 0], [4, 10]).astype(np.float32)
    box = np.array([250, 150, 760, 670], np.float32)
    return {"image_path": str(path), "keypoints": keypoints, "visible": visible, "box": box}


@pytest.mark.parametrize(
    ("crop", "reduction"),
    [
        (Crop((520, 520), fill=0), 1),
        (Crop((240, 250), fill=0), 2),
        (Crop((130, 140), fill=0), 4),
        (RandomCrop((160, 170), 1.8, scale=(0.9, 1.1), rotate_deg=60, fill=0), 4),
        (Crop((70, 70), fill=0), 8),
    ],
)
def test_what_is_read_at_a_reduced_scale_lies_where_its_joints_are_said_to_be(
    marked, crop, reduction, monkeypatch
):
    read = []
    decode = ImageFile.decode
    monkeypatch.setattr(
        ImageFile, "decode", lambda self, factor=1: read.append(factor) or decode(self, factor)
    )
    moved = crop(marked, np.random.default_rng(4))
    assert read == [reduction]
    assert "image" not in marked
    reach = int(4 * 9 * np.hypot(*moved["matrix"][:, 0])) + 1  # four sigmas of a dot
    for x, y in moved["keypoints"][:4]:
        left, top = round(float(x)) - reach, round(float(y)) - reach
        around = moved["image"][top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        np.testing.assert_allclose(centroid(around), (x - left, y - top), atol=0.3)


@pytest.mark.parametrize("crop", [Crop((90, 60)), RandomCrop((300, 280))])
def test_a_crop_that_reads_moves_all_else_as_one_after_read(marked, crop):
    alone, after = (run(transforms, marked, seed=6) for transforms in ([crop], [Read(), crop]))
    for name in ("keypoints", "visible", "box", "center", "matrix"):
        np.testing.assert_array_equal(alone[name], after[name])
    # The dots are smooth, so that a bilinear warp of the whole picture has little to alias.
    assert np.abs(alone["image"].astype(float) - after["image"]).mean() < 1
