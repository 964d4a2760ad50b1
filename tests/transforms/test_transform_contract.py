"""What every registered transform promises; a new one is found through the registry."""

import copy
import pickle

import numpy as np
import pytest

from poseforge import transforms
from poseforge.registry import TRANSFORMS

ARGUMENTS = {
    "Read": {},
    "Crop": dict(size=(48, 64)),
    "RandomCrop": dict(size=[48, 64]),
    "Stretch": dict(size=(40, 30)),
    "Flip": dict(skeleton="lsp14", probability=1.0),
    "HalfBody": dict(skeleton="lsp14", probability=1.0),
    "ColorJitter": {},
    "Blur": dict(probability=1.0),
    "CutOut": dict(probability=1.0),
}
NAMES = sorted(name for name, part in TRANSFORMS.module_dict.items() if "poseforge" in str(part))


def equal(first, second):
    return set(first) == set(second) and all(
        np.array_equal(first[name], second[name]) for name in first
    )


@pytest.fixture(params=NAMES)
def transform(request):
    assert request.param in ARGUMENTS, "give the new transform's arguments in ARGUMENTS"
    return TRANSFORMS.build(dict(type=request.param, **ARGUMENTS[request.param]))


def test_input_is_not_changed(transform, sample):
    before = copy.deepcopy(sample)
    transform(sample, np.random.default_rng(0))
    assert equal(sample, before)


def test_same_generator_gives_the_same_sample(transform, sample):
    first = transform(sample, np.random.default_rng(3))
    assert equal(first, transform(sample, np.random.default_rng(3)))


def test_numpys_global_generator_is_left_alone(transform, sample):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    transform(sample, np.random.default_rng(0))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_result_can_be_packed(transform, sample):
    result = transform(sample, np.random.default_rng(1))
    assert result["image"].dtype == np.uint8
    assert result["image"].flags["C_CONTIGUOUS"]
    packed = transforms.Pack()(result)
    assert packed["keypoints"].shape == (14, 2)


def test_workers_can_receive_it(transform, sample):
    twin = pickle.loads(pickle.dumps(transform))
    assert equal(
        twin(sample, np.random.default_rng(2)), transform(sample, np.random.default_rng(2))
    )


def test_a_sample_without_an_image_says_to_read_first(transform, sample):
    del sample["image"]
    if type(transform).__name__ in ("Read", "HalfBody"):
        pytest.skip("works without an image")
    with pytest.raises(ValueError, match="put Read before this transform"):
        transform(sample, np.random.default_rng(0))
