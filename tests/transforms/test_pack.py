import numpy as np
import pytest

from poseforge.transforms import Pack


def test_arrays_have_the_types_that_travel(sample):
    packed = Pack()(sample)
    assert set(packed) == {"image", "keypoints", "visible", "matrix", "center"}
    assert packed["image"].shape == (3, 110, 150)
    assert packed["image"].flags["C_CONTIGUOUS"]
    assert packed["image"].dtype == np.uint8
    np.testing.assert_array_equal(packed["image"][1], sample["image"][..., 1])
    for name in ("keypoints", "visible", "matrix", "center"):
        assert packed[name].dtype == np.float32, name
        np.testing.assert_allclose(packed[name], sample[name])


def test_a_missing_field_is_named(sample):
    del sample["matrix"], sample["center"]
    with pytest.raises(ValueError, match="no matrix and no center after its transforms; put Read"):
        Pack()(sample)


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_an_image_of_another_kind_is_refused(sample, image):
    with pytest.raises(ValueError, match=r"must bring uint8 \(H, W, 3\)"):
        Pack()({**sample, "image": image})
