import numpy as np
import pytest
from scipy.io import savemat

from poseforge.datasets.mat_layout import LSP_LAYOUT, LSPET_LAYOUT, check_images, read_joints


@pytest.fixture
def write(tmp_path):
    def _write(joints, key="joints"):
        savemat(tmp_path / "joints.mat", {key: joints})
        return tmp_path / "joints.mat"

    return _write


def lsp_joints():
    return np.full((3, 14, 2000), 5.0) * np.array([1, 1, 0])[:, None, None]


def test_lsp_third_row_is_occlusion_and_counting_starts_at_one(write):
    joints = lsp_joints()
    joints[:, 4, 17] = (11, 21.5, 1)
    keypoints, visible = read_joints(write(joints), LSP_LAYOUT)
    assert keypoints.shape == (2000, 14, 2)
    np.testing.assert_array_equal(keypoints[17, 4], [10, 20.5])
    assert visible[17, 4] == 1
    assert (np.delete(visible.ravel(), 17 * 14 + 4) == 2).all()
    assert keypoints.dtype == visible.dtype == np.float32


def test_lspet_third_row_is_labelled_and_junk_becomes_zero(write):
    joints = np.full((14, 3, 10000), 5.0)
    joints[:, 2] = 1
    joints[3, :, 40] = (-12.5, -3, 0)
    joints[4, :, 40] = (0, 0, 0)
    joints[5, :, 40] = (-7, 0, 1)  # flagged as labelled, but nowhere
    joints[6, :, 40] = (np.nan, np.nan, 0)
    joints[7, :, 40] = (-7, 9, 1)  # outside the image, but a place
    keypoints, visible = read_joints(write(joints), LSPET_LAYOUT)
    np.testing.assert_array_equal(visible[40, 3:8], [0, 0, 0, 0, 2])
    np.testing.assert_array_equal(keypoints[40, 3:7], np.zeros((4, 2)))
    np.testing.assert_array_equal(keypoints[40, 7], [-8, 8])
    assert np.isfinite(keypoints).all()


def test_image_names_count_from_one():
    names = LSP_LAYOUT.image_names(), LSPET_LAYOUT.image_names()
    assert [n[0] for n in names] == ["im0001.jpg", "im00001.jpg"]
    assert [n[-1] for n in names] == ["im2000.jpg", "im10000.jpg"]


@pytest.mark.parametrize(
    "shape", [(14, 3, 2000), (3, 14, 1999), (2, 14, 2000), (3, 14), (14, 3, 10000), (0, 0)]
)
def test_another_shape_is_refused_with_both_shapes(write, shape):
    with pytest.raises(ValueError, match=r"joints\.mat: 'joints' has .* \(3, 14, 2000\); put"):
        read_joints(write(np.ones(shape)), LSP_LAYOUT)


def test_place_that_is_no_number_names_person_and_joint(write):
    joints = lsp_joints()
    joints[0, 2, 9] = np.nan
    with pytest.raises(ValueError, match="joint 3 of person 10 is labelled but"):
        read_joints(write(joints), LSP_LAYOUT)


def test_flag_that_is_neither_is_refused(write):
    joints = lsp_joints()
    joints[2, 2, 9] = 7
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        read_joints(write(joints), LSP_LAYOUT)


def test_other_files_are_refused(tmp_path, write):
    with pytest.raises(ValueError, match="no array joints"):
        read_joints(write(lsp_joints(), "points"), LSP_LAYOUT)
    path = tmp_path / "joints.mat"
    whole = path.read_bytes()
    for data in (b"", b"hello, this is no MATLAB file at all", whole[: len(whole) // 2]):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"joints\.mat is (empty|damaged or not a MATLAB)"):
            read_joints(path, LSP_LAYOUT)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no file .*joints\.mat"):
        read_joints(path, LSP_LAYOUT)


def test_missing_images_are_counted_and_the_first_named(tmp_path):
    for name in LSP_LAYOUT.image_names():
        (tmp_path / name).touch()
    check_images(tmp_path, LSP_LAYOUT)
    (tmp_path / "im0007.jpg").unlink()
    (tmp_path / "im1003.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"2 of 2000 images .* the first is im0007\.jpg"):
        check_images(tmp_path, LSP_LAYOUT)
    with pytest.raises(FileNotFoundError, match="2000 of 2000"):
        check_images(tmp_path / "nowhere", LSP_LAYOUT)
